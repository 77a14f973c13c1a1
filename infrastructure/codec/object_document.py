"""Dataclasses as JSON documents with camelCase keys. What they mean is not known here."""

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
_PLAIN = (str, int, bool, timedelta)
_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]


class Document(Generic[T]):
    """The JSON form of one dataclass, nested ones included.

    Times are RFC 3339 with microseconds where there are any, lengths of time ISO 8601
    (`PT90S`). A time without a zone, a missing key and an unknown key are refused with
    msgspec's ValidationError: what is stored reads back equal or not at all.
    """

    def __init__(self, type_: type[T]) -> None:
        self._type = type_
        self._mirror = _mirror_of(type_)
        self._decoder = msgspec.json.Decoder(self._mirror)

    def encode(self, value: T) -> bytes:
        """The document that represents `value`."""
        return _ENCODER.encode(msgspec.convert(value, self._mirror, from_attributes=True))

    def decode(self, data: bytes | str) -> T:
        """The value that a document represents."""
        return msgspec.convert(self._decoder.decode(data), self._type, from_attributes=True)

    def examined(self, data: bytes | str) -> object:
        """What a document holds, checked as `decode` does, with the same attributes and not of
        the type."""
        value: object = self._decoder.decode(data)
        return value


def personal_fields(type_: type) -> Iterator[str]:
    """Where a document of this type holds personal data: paths such as `spec.studentEmail`."""
    hints = get_type_hints(type_)
    for field in fields(type_):
        name = _stored_name(field)
        if field.metadata.get("personal_data"):
            yield name
        for nested in _dataclasses_in(hints[field.name]):
            yield from (f"{name}.{path}" for path in personal_fields(nested))


def _mirror_of(type_: type) -> type[msgspec.Struct]:
    """A msgspec struct with the dataclass's fields: dataclasses cannot rename their keys."""
    hints = get_type_hints(type_)
    # For speed, decision 21.
    return msgspec.defstruct(
        type_.__name__,
        [(field.name, _mirrored(hints[field.name])) for field in fields(type_)],
        rename={field.name: _stored_name(field) for field in fields(type_)},
        frozen=True,
        forbid_unknown_fields=True,
    )


def _mirrored(hint: Any) -> Any:
    if hint is datetime:
        return _AWARE
    if is_dataclass(hint) and isinstance(hint, type):
        return _mirror_of(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType and len(arguments) == 2 and NoneType in arguments:
        [wanted] = [argument for argument in arguments if argument is not NoneType]
        return _mirrored(wanted) | None
    if origin is tuple and arguments[1:] == (...,):
        return tuple[_mirrored(arguments[0]), ...]  # type: ignore[misc]  # built at run time
    if origin is Mapping or hint in _PLAIN or _is_enum(hint):
        return hint
    raise TypeError(f"no stored form is defined for {hint!r}")


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _dataclasses_in(hint: Any) -> Iterator[type]:
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for argument in get_args(hint):
        yield from _dataclasses_in(argument)


def _stored_name(field: Field[Any]) -> str:
    """The key under which a field is stored: the one it had first, where it is named so."""
    return str(field.metadata.get("stored_as") or _camel(field.name))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
