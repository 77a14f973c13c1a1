"""The bodies of PATCH requests, as functions from a document to the document after it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request

from api.http.json_patch import patched
from api.http.merge_patch import merged
from api.http.refusals import BadRequest, UnsupportedBody
from api.http.request_body import MERGE_PATCH_TYPE, content_type, decoded, from_json

JSON_PATCH_TYPE = "application/json-patch+json"
APPLY_PATCH_TYPE = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH_TYPE, MERGE_PATCH_TYPE, APPLY_PATCH_TYPE)
STRATEGIC_PATCH_TYPE = "application/strategic-merge-patch+json"

Patch = Callable[[Any], Any]
"""Raises BadRequest or PatchFailed when it cannot be put on the document."""


def is_apply(request: Request) -> bool:
    """Whether the body is what somebody wants to be so: a server-side apply."""
    return content_type(request) == APPLY_PATCH_TYPE


async def read_patch(request: Request) -> Patch:
    """The merge patch or JSON patch in the body. Raises UnsupportedBody, BadRequest."""
    kind = content_type(request)
    if kind not in (JSON_PATCH_TYPE, MERGE_PATCH_TYPE):
        raise UnsupportedBody(PATCH_TYPES)
    body = await decoded(request, from_json, is_yaml=lambda _: False)
    if kind == JSON_PATCH_TYPE:
        return partial(patched, operations=body)
    if not isinstance(body, dict):
        raise BadRequest("a merge patch must be a JSON object")
    return partial(merged, patch=body)


async def read_applied(request: Request) -> dict[str, Any]:
    """The object, without its nulls, that somebody wants to be so. JSON is YAML too, but is
    read faster as what it is. Raises BadRequest."""
    document = await decoded(request, from_json, is_yaml=_is_no_json)
    if not isinstance(document, dict):
        raise BadRequest("what is applied must be an object")
    return _without_nulls(document)


def _is_no_json(body: bytes) -> bool:
    return body.lstrip()[:1] != b"{"


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in document.items()
        if value is not None
    }
