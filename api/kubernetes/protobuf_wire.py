"""Protobuf's wire format: a message as its records, without knowing what they mean."""

from collections.abc import Iterator

VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5

Value = int | bytes | memoryview
"""A number, or the bytes of a text or a message."""

_MOST_BYTES = 10


class Malformed(ValueError):
    """The bytes are no message."""


def records(message: memoryview) -> Iterator[tuple[int, int, Value]]:
    """Number, wire type and value of each record. Raises Malformed."""
    place, end = 0, len(message)
    while place < end:
        key, place = _varint(message, place)
        number, wire_type = key >> 3, key & 7
        if number == 0:
            raise Malformed
        value: Value
        if wire_type == VARINT:
            value, place = _varint(message, place)
        else:
            size, place = _size(message, place, wire_type)
            if size > end - place:
                raise Malformed
            value, place = message[place : place + size], place + size
        yield number, wire_type, value


def signed(value: Value) -> int:
    """A number as the 64 signed bits that it is. Raises Malformed."""
    if not isinstance(value, int):
        raise Malformed
    return value - (1 << 64) if value >> 63 else value


def _size(message: memoryview, place: int, wire_type: int) -> tuple[int, int]:
    match wire_type:
        case 2:
            return _varint(message, place)
        case 1:
            return 8, place
        case 5:
            return 4, place
        case _:
            raise Malformed


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for count, byte in enumerate(message[place : place + _MOST_BYTES]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & (1 << 64) - 1, place + count + 1
    raise Malformed
