"""JSON patch, RFC 6902."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from api.http.refusals import BadRequest, PatchFailed
from domain.shown import shown

_MOST_OPERATIONS = 1000
_Apply = Callable[[Any, Mapping[str, Any]], Any]


def patched(document: Any, operations: Any) -> Any:
    """`document` after the operations, in order; it is not changed itself.

    Raises BadRequest for what is no JSON patch, PatchFailed for one that does not fit."""
    if not isinstance(operations, list) or len(operations) > _MOST_OPERATIONS:
        raise BadRequest(f"a JSON patch must be an array of at most {_MOST_OPERATIONS} operations")
    result = deepcopy(document)
    for operation in operations:
        apply = _OPERATIONS.get(operation.get("op")) if isinstance(operation, dict) else None
        if apply is None:
            raise BadRequest("an operation of the JSON patch has no known op")
        result = apply(result, operation)
    return result


def _add(document: Any, operation: Mapping[str, Any]) -> Any:
    return _added(document, _pointer(operation, "path"), _value(operation))


def _remove(document: Any, operation: Mapping[str, Any]) -> Any:
    return _taken(document, _pointer(operation, "path"))[0]


def _replace(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation, "path")
    if not path:
        return _value(operation)
    parent = _at(document, path[:-1])
    parent[_existing(parent, path)] = _value(operation)
    return document


def _move(document: Any, operation: Mapping[str, Any]) -> Any:
    source, target = _pointer(operation, "from"), _pointer(operation, "path")
    if target[: len(source)] == source and target != source:
        raise PatchFailed(f"{_shown(source)} cannot be moved into itself")
    document, value = _taken(document, source)
    return _added(document, target, value)


def _copy(document: Any, operation: Mapping[str, Any]) -> Any:
    value = deepcopy(_at(document, _pointer(operation, "from")))
    return _added(document, _pointer(operation, "path"), value)


def _test(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation, "path")
    if not _same(_at(document, path), _value(operation)):
        raise PatchFailed(f"testing path {_shown(path)} value failed")
    return document


_OPERATIONS: Mapping[Any, _Apply] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


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
