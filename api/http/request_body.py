"""From the bytes of a request to plain JSON values. Whatever cannot be read is the client's
mistake, and is answered as one."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from api.http.json_structure import (
    MOST_VALUES,
    has_too_many_values,
    is_too_deep,
    note_repeated,
    repeated_fields,
)
from api.http.off_loop import LIGHT, off_loop
from api.http.refusals import BadRequest, UnsupportedBody
from api.http.yaml_body import json_of_yaml

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"
MERGE_PATCH_TYPE = "application/merge-patch+json"

T = TypeVar("T")

_YAML_WEIGHT = 16  # a byte of YAML costs about as much as so many of JSON
_LONGEST_TYPE = 128  # bytes of a header that is remembered
_decode = msgspec.json.Decoder().decode


async def read_document(request: Request) -> Any:
    """The body as JSON values: JSON (also when no type is given) or YAML. None when empty.

    Raises UnsupportedBody, BadRequest.
    """
    return await read_decoded(request, from_json)


async def read_decoded(request: Request, decode: Callable[[bytes], T]) -> T:
    """The body: JSON as `decode` reads it, or YAML as the equivalent JSON.

    Raises UnsupportedBody, BadRequest and what `decode` raises.
    """
    kind = content_type(request) or JSON_TYPE
    if kind not in (JSON_TYPE, YAML_TYPE):
        raise UnsupportedBody([JSON_TYPE, YAML_TYPE])
    body = await bytes_of(request)
    if kind == JSON_TYPE and len(body) <= LIGHT:
        # For speed, decision 4: what almost every body is, without the general way's detours.
        value = decode(body)
        note_repeated(request.scope, repeated_fields(body))
        return value
    return await _decoded(request, body, decode, yaml=kind == YAML_TYPE)


async def decoded(
    request: Request, decode: Callable[[bytes], T], *, is_yaml: Callable[[bytes], bool]
) -> T:
    """What `decode` makes of the body's JSON; of one that is large or YAML beside the loop. Which
    fields are said twice is noted. Raises BadRequest, TooBusy and what `decode` raises."""
    body = await bytes_of(request)
    return await _decoded(request, body, decode, yaml=is_yaml(body))


async def _decoded(
    request: Request, body: bytes, decode: Callable[[bytes], T], *, yaml: bool
) -> T:
    def work() -> tuple[T, tuple[str, ...]]:
        document = json_of_yaml(body) if yaml else body
        if has_too_many_values(document):
            raise BadRequest(f"the body of the request has more than {MOST_VALUES} values")
        value = decode(document)
        return value, repeated_fields(document)

    weight = len(body) * _YAML_WEIGHT if yaml else len(body)
    value, repeated = await off_loop(request).run(weight, work)
    note_repeated(request.scope, repeated)
    return value


def content_type(request: Request) -> str:
    """The media type of the body without its parameters; empty when none is given."""
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            return _media_type(value) if len(value) <= _LONGEST_TYPE else _named_in(value)
    return ""


def _named_in(header: bytes) -> str:
    named: str = header.decode("latin-1").partition(";")[0]
    return named.strip().lower()


_media_type = lru_cache(maxsize=64)(_named_in)


def from_json(body: bytes) -> Any:
    """The JSON value; None for an empty body. Raises BadRequest."""
    if not body.strip():
        return None
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body of the request is not valid JSON: {error}") from None
    except RecursionError:
        raise BadRequest("the body of the request is nested too deeply") from None
    if is_too_deep(body, value):
        raise BadRequest("the body of the request is nested too deeply")
    return value


async def bytes_of(request: Request) -> bytes:
    """The whole body. As Starlette reads it, without its detours: most come in one message."""
    message = await request.receive()
    parts: list[bytes] = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
        message = await request.receive()
    raise ClientDisconnect
