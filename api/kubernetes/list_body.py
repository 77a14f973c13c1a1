"""The body of a list, made and sent in parts, so that a long list is never in memory as a whole
and never holds others up for long."""

from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.encoding import encode
from api.http.responses import JSON
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.representations import Representation

T = TypeVar("T")


class ListBody(Generic[T]):
    """The JSON of a list in one form: some elements, more of them, then everything else. `size`
    is the number of bytes so far."""

    def __init__(self, form: Representation[T]) -> None:
        self._form = form
        self.size = 0

    def elements(self, items: Sequence[T]) -> bytes:
        """The next elements."""
        opening = b"" if self.size else b'{"%s":[' % self._form.elements.encode()
        told = b",".join(encode(self._form.element(item)) for item in items)
        separator = b"," if self.size > len(self._form.elements) + 5 and told else b""
        part = opening + separator + told
        self.size += len(part)
        return part

    def end(self, metadata: ListMetadata) -> bytes:
        """What is said of the list."""
        return b"]," + encode(self._form.frame(metadata))[1:]


class PartedResponse(Response):
    """Sends parts as they are made; an error on the way breaks the answer off, so that nobody
    takes the beginning for the whole."""

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        super().__init__(media_type=JSON)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all. The first part is made before anything is sent, so that a refusal is
        answered as one."""
        first = await anext(self._parts)
        headers = [(b"content-type", JSON.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
