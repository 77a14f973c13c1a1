"""From the bytes of a request to plain JSON values. Whatever cannot be read is the client's
mistake, and is answered as one."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import yaml
from starlette.requests import ClientDisconnect, Request

from api.http.refusals import BadRequest, UnsupportedBody

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"
MERGE_PATCH_TYPE = "application/merge-patch+json"

T = TypeVar("T")

_MAX_YAML_BYTES = 256 * 1024
_MAX_DEPTH = 100
_decode = msgspec.json.Decoder().decode
_YamlEvents = (yaml.MappingStartEvent, yaml.SequenceStartEvent)


class _Loader(yaml.CSafeLoader):
    """Reads dates as the text they are, as JSON would have them."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own way to configure a loader
        first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


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
    if kind == JSON_TYPE:
        return decode(await bytes_of(request))
    if kind == YAML_TYPE:
        return decode(_as_json(await bytes_of(request)))
    raise UnsupportedBody([JSON_TYPE, YAML_TYPE])


def content_type(request: Request) -> str:
    """The media type of the body without its parameters; empty when none is given."""
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            named: str = value.decode("latin-1").partition(";")[0]
            return named.strip().lower()
    return ""


def from_json(body: bytes) -> Any:
    """The JSON value; None for an empty body. Raises BadRequest."""
    if not body.strip():
        return None
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body of the request is not valid JSON: {error}") from None
    except RecursionError:
        raise BadRequest("the body of the request is nested too deeply") from None


def from_yaml(body: bytes) -> Any:
    """The YAML document as JSON values. Raises BadRequest."""
    return from_json(_as_json(body))


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


def _as_json(body: bytes) -> bytes:
    if len(body) > _MAX_YAML_BYTES:
        raise BadRequest(f"a YAML body may have at most {_MAX_YAML_BYTES} bytes")
    try:
        _refuse_traps(body)
        document = yaml.load(body, Loader=_Loader)  # noqa: S506  derived from the safe loader
        return b"" if document is None else msgspec.json.encode(document)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise BadRequest(f"the body of the request is not valid YAML{where}") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        message = "the body of the request holds YAML that JSON cannot express"
        raise BadRequest(message) from None


def _refuse_traps(body: bytes) -> None:
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise BadRequest("YAML aliases are not accepted")
        if isinstance(event, _YamlEvents):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise BadRequest("the body of the request is nested too deeply")
