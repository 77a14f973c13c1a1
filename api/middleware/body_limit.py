"""Keeps request bodies small, whatever their headers say about their size."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.refusals import BadRequest, BodyTooLarge


class BodyLimit:
    """Refuses bodies of more than `limit` bytes: at once when they say so themselves,
    otherwise as soon as they have sent more."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise BodyTooLarge."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._check_announced(scope)
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge(self._limit)
            return message

        await self._app(scope, counting, send)

    def _check_announced(self, scope: Scope) -> None:
        for name, value in scope["headers"]:
            if name == b"content-length":
                if not value.isdigit() or len(value) > 18:
                    raise BadRequest("the Content-Length header is not a number")
                if int(value) > self._limit:
                    raise BodyTooLarge(self._limit)
