"""Sets of fields, as Kubernetes writes them (`FieldsV1`), and what they mean in a document.

A field is a path such as `("f:spec", "f:template")`. Maps are gone into; lists are one field
each, but for conditions, which are distinguished by type, and finalizers, which are a set.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from api.http.refusals import BadRequest

Path = tuple[str, ...]
Fields = frozenset[Path]

_MOST_FIELDS = 2000  # no object that is accepted has half of them, and all are compared
_SMALL = 4096
_KEYED = "conditions"
_SET = "finalizers"


def fields_in(document: Any) -> Fields:
    """Every field that the document says something about."""
    return _bounded(_leaves(document, (), ""))


def fields_text(fields: Iterable[Path]) -> str:
    """The set as FieldsV1, always in the same order."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
    return json.dumps(tree, separators=(",", ":"))


def fields_from(text: str) -> Fields:
    """The set that `fields_text`, or a client, wrote."""
    return _remembered(text) if len(text) <= _SMALL else _parsed(text)


def _parsed(text: str) -> Fields:
    return _bounded(_paths(json.loads(text), ()))


# By number of entries only, so that nothing is remembered of what is large.
_remembered = lru_cache(maxsize=4096)(_parsed)


def _bounded(fields: Iterator[Path]) -> Fields:
    found = frozenset(islice(fields, _MOST_FIELDS + 1))
    if len(found) > _MOST_FIELDS:
        raise BadRequest(f"more than {_MOST_FIELDS} fields cannot be managed")
    return found


def value_at(document: Any, path: Path) -> Any:
    """What the document says of the field; None when nothing."""
    found = document
    for step in path:
        if isinstance(found, Mapping):
            found = found.get(step[2:])
        elif isinstance(found, list):
            found = next((item for item in found if _step_to(item) == step), None)
        else:
            return None
    return found


def without(document: Any, path: Path) -> Any:
    """The document with nothing said of the field, nor of what is empty without it."""
    step, *rest = path
    if isinstance(document, Mapping):
        name = step[2:]
        if name not in document:
            return document
        left = without(document[name], tuple(rest)) if rest else None
        others = {key: value for key, value in document.items() if key != name}
        return others if left in (None, {}, []) else {**document, name: left}
    if isinstance(document, list):
        kept = [item for item in document if _step_to(item) != step]
        mine = [without(item, tuple(rest)) for item in document if _step_to(item) == step and rest]
        return [*kept, *(item for item in mine if set(item) - {"type"})]
    return document


def applied_to(live: Any, wanted: Any, name: str = "") -> Any:
    """The live document where it says all that is wanted."""
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        said = {key: applied_to(live.get(key), value, key) for key, value in wanted.items()}
        return {**live, **said}
    if isinstance(wanted, list) and isinstance(live, list) and name in (_KEYED, _SET):
        items = {_step_to(item): item for item in live}
        for item in wanted:
            step = _step_to(item)
            items[step] = applied_to(items.get(step), item)
        return list(items.values())
    return wanted


def shown(path: Path) -> str:
    """The field as people read it: `.spec.template`."""
    return "".join(_shown_step(step) for step in path)


def _leaves(value: Any, path: Path, name: str) -> Iterator[Path]:
    if isinstance(value, Mapping):  # an empty one says nothing about any field
        for key, inner in value.items():
            yield from _leaves(inner, (*path, f"f:{key}"), key)
    elif isinstance(value, list) and name in (_KEYED, _SET):
        for item in value:
            yield from _leaves(item, (*path, _step_to(item)), "")
    elif path:
        yield path


def _paths(tree: Mapping[str, Any], path: Path) -> Iterator[Path]:
    inner = {step: below for step, below in tree.items() if step != "."}
    if not inner and path:
        yield path
    for step, below in inner.items():
        yield from _paths(below, (*path, step))


def _step_to(item: Any) -> str:
    if isinstance(item, Mapping):
        key = {"type": item.get("type")}
        return f"k:{json.dumps(key, separators=(',', ':'))}"
    return f"v:{json.dumps(item)}"


def _shown_step(step: str) -> str:
    kind, content = step[:2], step[2:]
    match kind:
        case "k:":
            (name, value), *_ = json.loads(content).items()
            return f"[{name}={json.dumps(value)}]"
        case "v:":
            return f"[{content}]"
        case _:
            return f".{content}"
