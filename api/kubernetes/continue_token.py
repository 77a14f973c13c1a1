"""The opaque token that a list goes on from: the last key sent, and the list's version."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from starlette.datastructures import QueryParams

from api.http.refusals import BadRequest
from domain.lab_instance.key import LabKey

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueFrom:
    """Where the next page begins, and which moment the whole list is about. `past` when that
    moment was asked for by name, and is read from the log. `remaining`: how many follow, where
    that is known."""

    after: LabKey
    position: int
    past: bool
    remaining: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Generic[V]):
    """Some of a list as it was at `position`; `rest` says where the others begin."""

    views: Sequence[V]
    position: int
    rest: ContinueFrom | None


class _Token(msgspec.Struct, array_like=True):
    version: int
    position: int
    past: bool
    namespace: str
    name: str
    remaining: int | None = None


_decoder = msgspec.json.Decoder(_Token)


def place_in(query: QueryParams) -> ContinueFrom | None:
    """Where the page begins that the query asks for; None for a first page. Raises
    BadRequest."""
    token = query.get("continue")
    if not token:
        return None
    if query.get("resourceVersion") not in (None, "", "0"):
        raise BadRequest("specifying resource version is not allowed when using continue")
    return read_token(token)


def write_token(place: ContinueFrom) -> str:
    """The token for `place`."""
    key = place.after
    token = _Token(1, place.position, place.past, key.namespace, key.name, place.remaining)
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def read_token(text: str) -> ContinueFrom:
    """The place that a token of `write_token` stands for. Raises BadRequest."""
    padded = text + "=" * (-len(text) % 4)
    try:
        token = _decoder.decode(base64.urlsafe_b64decode(padded))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise BadRequest("continue key is not valid") from None
    if token.version != 1 or not 0 <= token.position < 2**63:
        raise BadRequest("continue key is not valid")
    key = LabKey(token.namespace, token.name)
    return ContinueFrom(
        after=key, position=token.position, past=token.past, remaining=token.remaining
    )


class _Place(msgspec.Struct, array_like=True):
    version: int
    resource: str
    newest_first: bool
    position: int


_place_decoder = msgspec.json.Decoder(_Place)


def write_place(position: int, resource: str, *, newest_first: bool) -> str:
    """The token of a list in the order of positions, which goes on behind this one."""
    token = _Place(1, resource, newest_first, position)
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def read_place(text: str, resource: str, *, newest_first: bool) -> int:
    """The position in a token of `write_place` for the same list and order. Raises BadRequest."""
    padded = text + "=" * (-len(text) % 4)
    try:
        token = _place_decoder.decode(base64.urlsafe_b64decode(padded))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise BadRequest("continue key is not valid") from None
    if (token.version, token.resource, token.newest_first) != (1, resource, newest_first):
        raise BadRequest("continue key is not valid for this list and order")
    if not 0 <= token.position < 2**63:
        raise BadRequest("continue key is not valid")
    return token.position
