"""The bodies of PATCH requests, as functions from a document to the document after it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request

from api.http.json_patch import patched
from api.http.merge_patch import merged
from api.http.off_loop import off_loop
from api.http.refusals import BadRequest, UnsupportedBody
from api.http.request_body import MERGE_PATCH_TYPE, content_type, decoded, from_json

JSON_PATCH_TYPE = "application/json-patch+json"
APPLY_PATCH_TYPE = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH_TYPE, MERGE_PATCH_TYPE, APPLY_PATCH_TYPE)
STRATEGIC_PATCH_TYPE = "application/strategic-merge-patch+json"

_FEW_OPERATIONS = 16
_HEAVY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patch:
    """From a document to the document after it. `weight`: what it costs, as `OffLoop` counts."""

    apply: Callable[[Any], Any]
    weight: int

    async def put_on(self, request: Request, document: Any) -> Any:
        """The document after the patch; it is not changed itself. Raises BadRequest or
        PatchFailed when it cannot be put on the document, and TooBusy."""
        return await off_loop(request).run(self.weight, lambda: self.apply(document))


def is_apply(request: Request) -> bool:
    """Whether the body is what somebody wants to be so: a server-side apply."""
    return content_type(request) == APPLY_PATCH_TYPE


async def read_patch(request: Request) -> Patch:
    """The merge patch or JSON patch in the body. Raises UnsupportedBody, BadRequest."""
    kind = content_type(request)
    if kind not in (JSON_PATCH_TYPE, MERGE_PATCH_TYPE):
        raise UnsupportedBody(PATCH_TYPES)
    body, size = await decoded(request, sized_json, is_yaml=lambda _: False)
    if kind == JSON_PATCH_TYPE:
        return Patch(partial(patched, operations=body), max(size, _weight_of(body)))
    return merge_patch(body, size)


def merge_patch(body: Any, size: int) -> Patch:
    """The merge patch that was read from `size` bytes. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("a merge patch must be a JSON object")
    return Patch(partial(merged, patch=body), size)


def sized_json(body: bytes) -> tuple[Any, int]:
    """The JSON value, and from how many bytes it was read. Raises BadRequest."""
    return from_json(body), len(body)


async def read_applied(request: Request) -> dict[str, Any]:
    """The object, without its nulls, that somebody wants to be so. JSON is YAML too, but is
    read faster as what it is. Raises BadRequest."""
    return await decoded(request, _applied, is_yaml=_is_no_json)


def _applied(body: bytes) -> dict[str, Any]:
    document = from_json(body)
    if not isinstance(document, dict):
        raise BadRequest("what is applied must be an object")
    return _without_nulls(document)


def _weight_of(operations: Any) -> int:
    """Few operations that copy nothing cost little; the rest depends on what they are put on."""
    if not isinstance(operations, list) or len(operations) > _FEW_OPERATIONS:
        return _HEAVY
    copying = (isinstance(each, dict) and each.get("op") == "copy" for each in operations)
    return _HEAVY if any(copying) else 0


def _is_no_json(body: bytes) -> bool:
    return body.lstrip()[:1] != b"{"


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in document.items()
        if value is not None
    }
