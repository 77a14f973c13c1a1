"""JSON patch, RFC 6902, with work and results that are bounded by more than the patch's size: a
copy of what has been copied doubles it with sixty bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.http.json_size import copied, extent_of
from api.http.refusals import BadRequest, PatchFailed
from domain.shown import shown

LARGEST_DOCUMENT = 1536 * 1024
"""Kubernetes' limit for an object; no step of a patch leads beyond it."""

_MOST_OPERATIONS = 1000
_MOST_WORK = 8 * 1024 * 1024
_DEEPEST = 64


def patched(document: Any, operations: Any) -> Any:
    """`document` after the operations, in order; neither is changed.

    Raises BadRequest for what is no JSON patch, PatchFailed for one that does not fit, or leads
    to more than 1.5 MiB or 64 levels."""
    if not isinstance(operations, list) or len(operations) > _MOST_OPERATIONS:
        raise BadRequest(f"a JSON patch must be an array of at most {_MOST_OPERATIONS} operations")
    patching = _Patching(document)
    for operation in operations:
        patching.apply(operation)
    return patching.result


class _Patching:
    """The document between two operations. `_work` is what they have looked at and moved."""

    def __init__(self, document: Any) -> None:
        self.result = copied(document)
        self._size = extent_of(document).size
        self._work = 0

    def apply(self, operation: Any) -> None:
        """Do what one operation says."""
        if not isinstance(operation, dict):
            raise BadRequest("an operation of the JSON patch must be an object")
        match operation.get("op"):
            case "add":
                self._add(_pointer(operation, "path"), _value(operation))
            case "remove":
                self._take(_pointer(operation, "path"))
            case "replace":
                self._replace(_pointer(operation, "path"), _value(operation))
            case "move":
                self._move(_pointer(operation, "from"), _pointer(operation, "path"))
            case "copy":
                source = _at(self.result, _pointer(operation, "from"))
                self._add(_pointer(operation, "path"), source)
            case "test":
                self._test(_pointer(operation, "path"), _value(operation))
            case _:
                raise BadRequest("an operation of the JSON patch has no known op")

    def _add(self, path: Sequence[str], value: Any) -> None:
        self._grow(value, path)
        self.result = _added(self.result, path, copied(value))

    def _take(self, path: Sequence[str]) -> Any:
        self.result, value = _taken(self.result, path)
        self._shrink(value)
        return value

    def _replace(self, path: Sequence[str], value: Any) -> None:
        if path:
            parent = _at(self.result, path[:-1])
            place = _existing(parent, path)
            self._shrink(parent[place])
            self._grow(value, path)
            parent[place] = copied(value)
        else:
            self._size = 0
            self._grow(value, path)
            self.result = copied(value)

    def _move(self, source: Sequence[str], target: Sequence[str]) -> None:
        if target[: len(source)] == source and target != source:
            raise PatchFailed(f"{_shown(source)} cannot be moved into itself")
        value = self._take(source)
        self._grow(value, target)
        self.result = _added(self.result, target, value)

    def _test(self, path: Sequence[str], value: Any) -> None:
        self._spend(extent_of(value).size)
        if not _same(_at(self.result, path), value):
            raise PatchFailed(f"testing path {_shown(path)} value failed")

    def _grow(self, value: Any, path: Sequence[str]) -> None:
        extent = extent_of(value)
        self._spend(extent.size)
        self._size += extent.size
        if self._size > LARGEST_DOCUMENT:
            raise PatchFailed(f"the patch leads to more than {LARGEST_DOCUMENT} bytes")
        if len(path) + extent.depth > _DEEPEST:
            raise PatchFailed(f"the patch leads to more than {_DEEPEST} levels")

    def _shrink(self, value: Any) -> None:
        size = extent_of(value).size
        self._spend(size)
        self._size -= size

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise PatchFailed("the patch moves too much; send what it leads to instead")


def _added(document: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        place = len(parent) if last == "-" else _index(last, len(parent), path)
        parent.insert(place, value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise _missing(path)
    return document


def _taken(document: Any, path: Sequence[str]) -> tuple[Any, Any]:
    if not path:
        return None, document
    parent = _at(document, path[:-1])
    return document, parent.pop(_existing(parent, path))


def _at(document: Any, path: Sequence[str]) -> Any:
    found = document
    for depth in range(len(path)):
        found = found[_existing(found, path[: depth + 1])]
    return found


def _existing(parent: Any, path: Sequence[str]) -> Any:
    """The key or index of the last step of `path` in `parent`, which must have it."""
    last = path[-1]
    if isinstance(parent, dict) and last in parent:
        return last
    if isinstance(parent, list):
        return _index(last, len(parent) - 1, path)
    raise _missing(path)


def _index(text: str, largest: int, path: Sequence[str]) -> int:
    plain = text.isascii() and text.isdigit() and len(text) < 10
    if not plain or str(int(text)) != text or int(text) > largest:
        raise _missing(path)
    return int(text)


def _same(one: Any, other: Any) -> bool:
    # Python thinks that True is 1; JSON does not.
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _pointer(operation: Mapping[str, Any], name: str) -> Sequence[str]:
    text = operation.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise BadRequest(f"an operation of the JSON patch has no JSON pointer as its {name}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise BadRequest("an operation of the JSON patch has no value")
    return operation["value"]


def _missing(path: Sequence[str]) -> PatchFailed:
    return PatchFailed(f"the path {_shown(path)} does not exist")


def _shown(path: Sequence[str]) -> str:
    return shown("/" + "/".join(path), longest=200)
