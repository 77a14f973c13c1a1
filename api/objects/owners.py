"""The fields of objects that somebody can own, and their owners as clients read them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from api.kubernetes.field_reader import FieldReader
from api.kubernetes.given_metadata import read_metadata
from api.kubernetes.kinds import Kind
from api.kubernetes.timestamp import timestamp
from api.objects.given_object import GivenObject
from api.objects.object_kind import content_of
from domain.api_object.api_object import ApiObject
from domain.lab_instance.field_manager import FieldManager


def wished_by(given: GivenObject) -> Mapping[str, Any]:
    """What a client wishes of an object, in the words in which it is kept."""
    said = given.metadata
    metadata = {
        "labels": said.labels,
        "annotations": said.annotations,
        "finalizers": list(said.finalizers),
    }
    return _wished(metadata, given.content)


def wished_in(api_object: ApiObject) -> Mapping[str, Any]:
    """What is wished of the object now."""
    metadata = {
        "labels": api_object.labels,
        "annotations": api_object.annotations,
        "finalizers": list(api_object.finalizers),
    }
    return _wished(metadata, content_of(api_object))


def as_given(wished: Mapping[str, Any], given: GivenObject) -> GivenObject:
    """The object as if a client had written all that is wished, with what `given` says else."""
    said = read_metadata(FieldReader(), wished)
    metadata = msgspec.structs.replace(
        given.metadata,
        labels=said.labels,
        annotations=said.annotations,
        finalizers=said.finalizers,
    )
    content = {name: value for name, value in wished.items() if name != "metadata"}
    return GivenObject(
        what=given.what,
        metadata=metadata,
        content=content,
        faults=given.faults,
        unknown=given.unknown,
    )


def rendered_manager(manager: FieldManager, kind: Kind) -> Mapping[str, Any]:
    """Kubernetes' ManagedFieldsEntry."""
    return {
        "manager": manager.manager,
        "operation": manager.operation,
        "apiVersion": kind.api_version,
        "time": timestamp(manager.at),
        "fieldsType": "FieldsV1",
        "fieldsV1": msgspec.json.decode(manager.fields),
    }


def _wished(metadata: Mapping[str, Any], content: Mapping[str, Any]) -> Mapping[str, Any]:
    owned = {name: value for name, value in metadata.items() if value}
    return {"metadata": owned, **content} if owned else content
