"""The patches that built-in kinds take: those of labs, and strategic merge patches as well."""

from typing import Any

from starlette.requests import Request

from api.http.patches import STRATEGIC_PATCH_TYPE, Patch, merge_patch, read_patch, sized_json
from api.http.request_body import content_type, decoded


async def read_object_patch(request: Request) -> Patch:
    """The patch in the body. Nothing in these kinds is a list whose items have keys, so a
    strategic merge patch without its directives means what a merge patch does. Raises
    UnsupportedBody, BadRequest."""
    if content_type(request) != STRATEGIC_PATCH_TYPE:
        return await read_patch(request)
    body, size = await decoded(request, _strategic, is_yaml=lambda _: False)
    return merge_patch(body, size)


def _strategic(body: bytes) -> tuple[Any, int]:
    patch, size = sized_json(body)
    return _without_directives(patch), size


def _without_directives(patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    return {
        name: _without_directives(value)
        for name, value in patch.items()
        if not name.startswith("$")
    }
