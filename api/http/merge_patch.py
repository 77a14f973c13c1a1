"""JSON merge patch, RFC 7386."""

from collections.abc import Mapping
from typing import Any

from api.http.refusals import BadRequest

_MAX_DEPTH = 50


def merged(target: Any, patch: Any, *, depth: int = 0) -> Any:
    """`target` after `patch`; neither is changed. Raises BadRequest for absurd nesting."""
    if depth > _MAX_DEPTH:
        raise BadRequest("the patch is nested too deeply")
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value, depth=depth + 1)
    return result
