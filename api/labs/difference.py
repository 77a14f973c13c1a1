"""What differs between two documents, path by path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IGNORED = frozenset({"metadata.resourceVersion"})


class Difference(msgspec.Struct, kw_only=True):
    """One value that is another one now; None where there was, or is, none."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any) -> Sequence[Difference]:
    """All differences, in the order of the documents. The resource version, which differs
    always, is left out. Items of lists that carry a `type` are compared by it."""
    return [found for found in _compare("", before, after) if found.path not in _IGNORED]


def _compare(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if _is_mapping(before) and _is_mapping(after):
        before, after = before or {}, after or {}
        for name in dict.fromkeys([*before, *after]):
            yield from _compare(_inside(path, name), before.get(name), after.get(name))
    elif _is_typed(before) and _is_typed(after):
        yield from _compare_typed(path, before or [], after or [])
    else:
        yield Difference(path=path, before=before, after=after)


def _compare_typed(
    path: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    old, new = ({item["type"]: item for item in items} for items in (before, after))
    for kind in dict.fromkeys([*old, *new]):
        yield from _compare(f"{path}[{kind}]", old.get(kind), new.get(kind))


def _is_mapping(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)


def _is_typed(value: Any) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(item, Mapping) and "type" in item for item in value)
    )


def _inside(path: str, name: str) -> str:
    if not _PLAIN.fullmatch(name):
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name
