"""What decoded JSON no longer shows: which names an object says twice, and how deep it is."""

import json
from collections.abc import Iterator
from typing import Any

from starlette.types import Scope

_REPEATED = "lab.repeated-fields"
_DEEPEST = 64
_MOST_TOLD = 20


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


def repeated_fields(body: bytes) -> tuple[str, ...]:
    """The paths of the first twenty fields that an object of this JSON says again; the last of
    them counts. `body` is valid JSON, and not too deep."""
    texts = body.split(b'"')[1::2]
    if b"\\" not in body and len(set(texts)) == len(texts):
        return ()  # as almost always: no text at all is there twice, and so no name
    found: list[str] = []
    document = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    for path in _repeated(document, ""):
        found.append(path)
        if len(found) == _MOST_TOLD:
            break
    return tuple(found)


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


def _repeated(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, inner in value:
            path = f"{place}.{name}" if place else name
            if name in seen:
                yield path
            seen.add(name)
            yield from _repeated(inner, path)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _repeated(inner, f"{place}[{index}]")


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
