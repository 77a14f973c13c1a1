"""What differs between two documents, as a JSON patch (RFC 6902) that leads from one to the other.
Each operation also tells what was there `before`, which a patch's reader passes over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Operation = Mapping[str, Any]
_VERSION = "/metadata/resourceVersion"


def differences(before: Any, after: Any) -> Sequence[Operation]:
    """All differences, in the order of the documents; one operation on the whole where one of
    them is None. The resource version, which differs always, is left out."""
    return [found for found in _compare("", before, _unversioned(after)) if not _is_own(found)]


def _unversioned(document: Any) -> Any:
    if not isinstance(document, Mapping) or not isinstance(document.get("metadata"), Mapping):
        return document
    metadata = {**document["metadata"]}
    metadata.pop("resourceVersion", None)
    return {**document, "metadata": metadata}


def _is_own(found: Operation) -> bool:
    """Whether it is about the version only."""
    return bool(found["path"] == _VERSION)


def _compare(path: str, before: Any, after: Any) -> Iterator[Operation]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_members(path, before, after)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _compare(f"{path}/{place}", old, new)
    elif before is None and not path:
        yield {"op": "add", "path": path, "value": after}
    else:
        yield {"op": "replace", "path": path, "value": after, "before": before}


def _compare_members(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Operation]:
    for name in dict.fromkeys([*before, *after]):
        place = f"{path}/{_escaped(name)}"
        if name not in after:
            yield {"op": "remove", "path": place, "before": before[name]}
        elif name not in before:
            yield {"op": "add", "path": place, "value": after[name]}
        else:
            yield from _compare(place, before[name], after[name])


def _escaped(name: str) -> str:
    """As RFC 6901 has it."""
    return name.replace("~", "~0").replace("/", "~1")
