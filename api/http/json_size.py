"""How large JSON values are, in numbers that follow the work they make and the room they take."""

from dataclasses import dataclass
from typing import Any

_EACH = 16  # bytes: what a value costs, however little it says


@dataclass(frozen=True, slots=True)
class Extent:
    """`size`: about the bytes of the value's JSON, at least 16 for each value in it. `depth`: how
    many levels of objects and arrays; 0 for a plain value."""

    size: int
    depth: int


def extent_of(value: Any) -> Extent:
    """How large the value is. Takes a time in proportion to it."""
    size, depth = 0, 0
    level = [value]
    while level:
        deeper: list[Any] = []
        for each in level:
            size += _EACH
            if isinstance(each, str):
                size += len(each)
            elif isinstance(each, dict):
                size += sum(map(len, each))
                deeper += each.values()
            elif isinstance(each, list):
                deeper += each
        depth += any(isinstance(each, dict | list) for each in level)
        level = deeper
    return Extent(size, depth)


def copied(value: Any) -> Any:
    """The value anew, so that a change of one leaves the other alone. Not for deep values."""
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    return value
