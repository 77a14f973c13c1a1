"""Keeps request bodies small, whatever their headers say about their size."""

from collections.abc import Mapping

from starlette.types import Message, Receive

from api.http.refusals import BadRequest, BodyTooLarge


class BodyLimit:
    """Refuses bodies of more than `limit` bytes: at once when they say so themselves,
    otherwise as soon as they have sent more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def bounded(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """A receive that raises BodyTooLarge past the limit. Raises the same, or BadRequest, at
        once for what the headers announce."""
        announced = headers.get(b"content-length")
        if announced is None:
            return self._counting(receive)
        self._check(announced)
        return receive  # the server ends a body where it said that it ends

    def _check(self, announced: bytes) -> None:
        if not announced.isdigit() or len(announced) > 18:
            raise BadRequest("the Content-Length header is not a number")
        if int(announced) > self._limit:
            raise BodyTooLarge(self._limit)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge(self._limit)
            return message

        return counting
