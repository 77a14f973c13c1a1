"""The body of a list, made and sent in parts, so that a long list is never in memory as a whole
and never holds others up for long."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.encoding import encode
from api.http.leaving import unless_gone
from api.http.responses import JSON
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.representations import Representation

T = TypeVar("T")

_AT_ONCE = 100


class ListBody(Generic[T]):
    """The JSON of a list in one form: some elements, more of them, then everything else. `size`
    is the number of bytes so far, `number` that of the elements."""

    def __init__(self, form: Representation[T]) -> None:
        self._form = form
        self.size = 0
        self.number = 0

    def elements(self, items: Sequence[T]) -> bytes:
        """The next elements."""
        opening = b"" if self.size else b'{"%s":[' % self._form.elements.encode()
        separator = b"," if self.number and items else b""
        encoded = b",".join(encode(self._form.element(item)) for item in items)
        part = opening + separator + encoded
        self.size += len(part)
        self.number += len(items)
        return part

    def end(self, metadata: ListMetadata) -> bytes:
        """What is said of the list."""
        return b"]," + encode(self._form.frame(metadata))[1:]


class PartedResponse(Response):
    """Sends parts as they are made; an error on the way breaks the answer off, so that nobody
    takes the beginning for the whole. One that `takes_long` ends with its client."""

    def __init__(
        self, parts: AsyncIterator[bytes], media_type: str = JSON, *, takes_long: bool = False
    ) -> None:
        super().__init__(media_type=media_type)
        self._content_type = (b"content-type", media_type.encode())
        self._parts = parts
        self._takes_long = takes_long

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all. The first part is made before anything is sent, so that a refusal is
        answered as one."""
        if self._takes_long:
            await unless_gone(receive, self._send(send))
        else:
            await self._send(send)

    async def _send(self, send: Send) -> None:
        part = await anext(self._parts)
        following = await anext(self._parts, None)
        headers = [self._content_type]
        if following is None:
            headers.append((b"content-length", b"%d" % len(part)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while following is not None:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            part, following = following, await anext(self._parts, None)
        await send({"type": "http.response.body", "body": part, "more_body": False})


def list_response(
    form: Representation[T], items: Sequence[T], metadata: ListMetadata
) -> PartedResponse:
    """The list of objects that are there already."""
    return PartedResponse(_parts(form, items, metadata))


async def _parts(
    form: Representation[T], items: Sequence[T], metadata: ListMetadata
) -> AsyncIterator[bytes]:
    body = ListBody(form)
    for start in range(0, len(items) - _AT_ONCE, _AT_ONCE):
        yield body.elements(items[start : start + _AT_ONCE])
        await asyncio.sleep(0)  # others get their turn
    yield body.elements(items[body.number :]) + body.end(metadata)
