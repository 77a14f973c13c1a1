"""Keeps request bodies small, whatever their headers say about their size."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.request_identity import caller_of
from api.refusals import BadRequest, BodyTooLarge


class BodyLimit:
    """Refuses bodies of more than `limit` bytes: at once when they say so themselves,
    otherwise as soon as they have sent more."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise BodyTooLarge."""
        announced = caller_of(scope).headers.get(b"content-length")
        if announced is None:
            receive = self._counting(receive)
        else:  # the server ends a body where it said that it ends
            self._check(announced)
        await self._app(scope, receive, send)

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
