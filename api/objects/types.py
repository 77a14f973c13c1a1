"""Checks what a client wrote against the types in the schema of its kind.

One object of another shape would keep typed clients from reading the whole list it stands in.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from api.kubernetes.field_reader import mistyped
from api.kubernetes.kinds import Kind
from api.objects.schemas import PROPERTIES, Schema
from domain.errors import FaultReason, FieldFault

_A_MOMENT = 'must be a moment with its zone, such as "2026-03-01T12:00:00Z"'
_INT32 = range(-(2**31), 2**31)


def type_faults(kind: Kind, content: Mapping[str, Any]) -> tuple[FieldFault, ...]:
    """Faults of the fields whose type is not the schema's; null counts as absent."""
    return tuple(_in_object(PROPERTIES[kind.group, kind.kind], content, ""))


def _in_object(properties: Schema, given: Mapping[str, Any], place: str) -> Iterator[FieldFault]:
    for name, schema in properties.items():
        if given.get(name) is not None:
            yield from _in_value(schema, given[name], f"{place}{name}")


def _in_value(schema: Schema, value: Any, field: str) -> Iterator[FieldFault]:
    match schema["type"], value:
        case "object", dict():
            yield from _in_object(schema["properties"], value, f"{field}.")
        case "object", _:
            yield mistyped(field, "an object", value)
        case "array", list():
            for index, item in enumerate(value):
                yield from _in_value(schema["items"], item, f"{field}[{index}]")
        case "array", _:
            yield mistyped(field, "an array", value)
        case "string", str():
            if schema.get("format") == "date-time" and not _is_moment(value):
                yield _invalid(field, _A_MOMENT)
        case "string", _:
            yield mistyped(field, "a string", value)
        case _, int() if not isinstance(value, bool):
            if value not in _INT32:
                yield _invalid(field, "must fit into 32 bits")
        case _:
            yield mistyped(field, "a whole number", value)


def _invalid(field: str, message: str) -> FieldFault:
    return FieldFault(field=field, reason=FaultReason.INVALID, message=message)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
