"""Reads the bodies of the kinds that Kubernetes itself brings: JSON, YAML or protobuf."""

from typing import Any

from starlette.requests import Request

from api.http.off_loop import off_loop
from api.http.refusals import BadRequest, UnsupportedBody
from api.http.request_body import (
    JSON_TYPE,
    YAML_TYPE,
    bytes_of,
    content_type,
    read_document,
)
from api.kubernetes.protobuf import PROTOBUF_TYPE, decode

_PROTOBUF_WEIGHT = 8  # two bytes can be a whole field


async def read_object(request: Request, *, api_version: str, kind: str) -> dict[str, Any]:
    """The object in the body, which must be of that version and kind if it says of which it
    is. Raises UnsupportedBody, BadRequest."""
    given = await read_any(request)
    if not isinstance(given, dict):
        raise BadRequest(f"the body of the request must be a {kind}")
    said = given.get("apiVersion") or api_version, given.get("kind") or kind
    if said != (api_version, kind):
        raise BadRequest(f"the body of the request must be a {kind} of {api_version}")
    return given


async def read_any(request: Request) -> Any:
    """Whatever the body holds; None when it is empty. Raises UnsupportedBody, BadRequest."""
    if content_type(request) == PROTOBUF_TYPE:
        body = await bytes_of(request)
        return await off_loop(request).run(len(body) * _PROTOBUF_WEIGHT, lambda: decode(body))
    try:
        return await read_document(request)
    except UnsupportedBody:
        raise UnsupportedBody([JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]) from None
