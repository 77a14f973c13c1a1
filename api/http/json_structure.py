"""What decoded JSON no longer shows, or shows too late: which names an object says twice, how
deep it is, and how many values there are."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

from starlette.types import Scope

_REPEATED = "lab.repeated-fields"
_DEEPEST = 64
MOST_VALUES = 100_000
_MOST_TOLD = 20
_LONGEST_NAME = 128

_Place: TypeAlias = "tuple[_Place | None, str | int]"  # what a value is in, and where in it


def is_too_deep(body: bytes, value: Any) -> bool:
    """Whether `value`, read from `body`, is nested beyond 64 levels: more than anything here has
    a use for, and few enough for whatever looks into it."""
    if body.count(b"{") + body.count(b"[") <= _DEEPEST:
        return False
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def has_too_many_values(body: bytes) -> bool:
    """Whether more than 100,000 values follow one another in this JSON, or as many texts stand in
    it. Asked before it is decoded, which holds everybody up for as long as it takes."""
    if body.count(b",") < MOST_VALUES:
        return False
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"")  # without the quotes inside texts
    if bare.count(b'"') > 2 * MOST_VALUES:
        return True
    return sum(part.count(b",") for part in bare.split(b'"')[::2]) >= MOST_VALUES


def repeated_fields(body: bytes) -> tuple[str, ...]:
    """The paths of the first twenty fields that an object of this JSON says again, each name cut
    at 128 characters; the last of them counts. `body` is valid JSON, and not too deep."""
    if b"\\" not in body and _no_name_is_there_twice(body):
        return ()  # as almost always
    document = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    if not isinstance(document, list):
        return ()
    return tuple(_path(place) for place in islice(_repeated(document, None), _MOST_TOLD))


def _no_name_is_there_twice(body: bytes) -> bool:
    parts = body.split(b'"')  # with no escapes in it, each second part is a text
    texts = parts[1::2]
    if len(set(texts)) == len(texts):
        return True
    names = [
        text
        for text, after in zip(texts, parts[2::2], strict=True)
        if after.lstrip().startswith(b":")
    ]
    return len(set(names)) == len(names)


def note_repeated(scope: Scope, fields: tuple[str, ...]) -> None:
    """Let `noted_repeated` find them."""
    if fields:
        scope[_REPEATED] = fields


def noted_repeated(scope: Scope) -> tuple[str, ...]:
    """The fields that the request's body says again."""
    fields: tuple[str, ...] = scope.get(_REPEATED, ())
    return fields


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written."""


def _repeated(value: list[Any], place: "_Place | None") -> Iterator["_Place"]:
    # A path is made only of what is told: of all fields they would be the body's square.
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, inner in value:
            if name in seen:
                yield place, name
            seen.add(name)
            if isinstance(inner, list):
                yield from _repeated(inner, (place, name))
    else:
        for index, inner in enumerate(value):
            if isinstance(inner, list):
                yield from _repeated(inner, (place, index))


def _path(place: "_Place") -> str:
    steps: list[str] = []
    outer: _Place | None = place
    while outer is not None:
        outer, step = outer
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step[:_LONGEST_NAME]}")
    return "".join(reversed(steps)).removeprefix(".")


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
