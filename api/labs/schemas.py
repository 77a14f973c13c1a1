"""The schemas of LabInstance in the structural form that Kubernetes uses, made from the structs
that are validated and encoded."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import msgspec

from api.kubernetes.kinds import LAB_INSTANCES
from api.kubernetes.lab_kind import SCALE_API_VERSION, SCALE_KIND
from api.labs.given import GivenSpec
from api.labs.inputs import MetadataInput
from api.labs.scale.shapes import ScaleSpec, ScaleStatus
from api.labs.shapes import LabStatus, Metadata

Schema = dict[str, Any]

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
LAB_INSTANCE = "com.neuroglia.lab.v1.LabInstance"

_MARK = "#/"
_DROPPED = frozenset({"title", "default"})
_LISTS: Mapping[str, Schema] = {
    "conditions": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    "finalizers": {"x-kubernetes-list-type": "set"},
}


def spec_schema() -> Schema:
    """What a client may wish for."""
    return _structural(GivenSpec)


def status_schema() -> Schema:
    """What is so. Clients may keep fields of their own beside the service's."""
    schema = _structural(LabStatus)
    del schema["required"]
    return {**schema, "x-kubernetes-preserve-unknown-fields": True}


def metadata_schema() -> Schema:
    """Kubernetes' ObjectMeta, as far as it means something here."""
    told, given = _structural(Metadata), _structural(MetadataInput)
    properties = {**given["properties"], **told["properties"]}
    description = "What identifies the object, and what others have noted on it."
    return {"type": "object", "description": description, "properties": properties}


def lab_schema(metadata: Schema) -> Schema:
    """A whole LabInstance around the schema, or the reference, of its metadata."""
    return {
        "type": "object",
        "description": "A lab: one running environment for one student.",
        "properties": {
            "apiVersion": {"type": "string", "description": "lab.neuroglia.com/v1"},
            "kind": {"type": "string", "description": LAB_INSTANCES.kind},
            "metadata": metadata,
            "spec": spec_schema(),
            "status": status_schema(),
        },
    }


def scale_schema(metadata: Schema) -> Schema:
    """A whole Scale around the schema, or the reference, of its metadata."""
    return {
        "type": "object",
        "description": "How many there are of a lab: one.",
        "properties": {
            "apiVersion": {"type": "string", "description": SCALE_API_VERSION},
            "kind": {"type": "string", "description": SCALE_KIND},
            "metadata": metadata,
            "spec": _structural(ScaleSpec),
            "status": _structural(ScaleStatus),
        },
    }


def _structural(struct: type[msgspec.Struct]) -> Schema:
    """The struct's schema without references and without null: null means absent."""
    (reference,), components = msgspec.json.schema_components(
        (struct,), ref_template=f"{_MARK}{{name}}"
    )
    schema: Schema = _plain(reference, components)
    return schema


def _plain(schema: Any, components: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(item, components) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(components[schema["$ref"].removeprefix(_MARK)], components)
    if "anyOf" in schema:
        (meant,) = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**_plain(meant, components), **_plain(rest, components)}
    return {
        key: _properties(value, components) if key == "properties" else _plain(value, components)
        for key, value in schema.items()
        if key not in _DROPPED and value is not False
    }


def _properties(properties: Mapping[str, Any], components: Mapping[str, Any]) -> Schema:
    return {
        name: {**_plain(schema, components), **deepcopy(_LISTS.get(name, {}))}
        for name, schema in properties.items()
    }
