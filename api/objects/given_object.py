"""Reads an object as a client wrote it, and judges it by the rules of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.http.refusals import BadRequest
from api.kubernetes.field_reader import FieldReader
from api.kubernetes.given_metadata import GivenMetadata, check_kind, read_metadata
from api.objects.object_kind import ObjectKind, texts_of
from api.objects.types import type_faults
from domain.api_object.errors import InvalidApiObject
from domain.api_object.key import ApiObjectKey
from domain.api_object.validation import key_faults, metadata_faults
from domain.errors import FieldFault
from domain.lab_instance.object_size import check_size

_DEEPEST = 50
_HEAD = frozenset({"apiVersion", "kind", "metadata"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenObject:
    """An object as a client wrote it. `content` is as it is to be kept; `unknown` names the
    fields that nobody knows, `faults` those of a wrong type."""

    what: ObjectKind
    metadata: GivenMetadata
    content: Mapping[str, Any]
    faults: tuple[FieldFault, ...]
    unknown: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.what.kind.kind

    def admitted(self, key: ApiObjectKey) -> Mapping[str, str]:
        """What is to be kept under this key. Raises InvalidApiObject with every fault."""
        metadata = self.metadata
        faults = [
            *self.faults,
            *key_faults(key),
            *metadata_faults(
                labels=metadata.labels,
                annotations=metadata.annotations,
                finalizers=metadata.finalizers,
            ),
            *self.what.faults(key, self.content),
        ]
        if faults:
            raise InvalidApiObject(key, faults)
        content = texts_of(self.content)
        texts = [metadata.labels, metadata.annotations, content]
        check_size(key.name, texts, (), largest=self.what.largest)
        return content


def read_object(what: ObjectKind, document: Any) -> GivenObject:
    """Reads an object from JSON values. Raises BadRequest when they are none."""
    kind = what.kind
    if not isinstance(document, dict):
        raise BadRequest(f"the object provided is not a {kind.kind}: it must be a JSON object")
    check_kind(document, api_version=kind.api_version, kind=kind.kind)
    if _is_deeper(document, _DEEPEST):
        raise BadRequest("the object provided is nested too deeply")
    reader = FieldReader()
    metadata = read_metadata(reader, document)
    content = {
        name: value
        for name, value in document.items()
        if name in what.written and value is not None
    }
    strange = [
        name
        for name, value in document.items()
        if name not in what.written | _HEAD and value is not None
    ]
    return GivenObject(
        what=what,
        metadata=metadata,
        content=what.kept(content),
        faults=(*reader.faults, *type_faults(kind, content)),
        unknown=(*reader.unknown, *strange),
    )


def _is_deeper(value: Any, levels: int) -> bool:
    """Level by level: a million values are many milliseconds even so."""
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
