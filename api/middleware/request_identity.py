"""Who asks, and what the request belongs to: ids are taken from headers or made."""

import re
from collections.abc import Mapping
from uuid import UUID, uuid5

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.mediator import RequestContext
from application.ports.clock import Randomness

CONTEXT = "lab.context"

_NAMESPACE = UUID("6b0f6a0e-8d0c-5d57-9f25-5ba3b3c0a1f4")
_CORRELATION = re.compile(r"[!-~]{1,128}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_UNPRINTABLE = re.compile(r"[^ -~]")
_LONGEST_AGENT = 256


class RequestIdentity:
    """Leaves a RequestContext in the scope, and tells the correlation id to the client.

    A command's id follows from `Idempotency-Key`, together with method and path, so that the
    same key means the same command only where it was sent before. Nobody is known here yet.
    """

    def __init__(self, app: ASGIApp, randomness: Randomness) -> None:
        self._app = app
        self._randomness = randomness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = self._context(scope)
        scope[CONTEXT] = context
        correlation = context.correlation_id.encode()

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-correlation-id", correlation),
                ]
            await send(message)

        await self._app(scope, receive, telling)

    def _context(self, scope: Scope) -> RequestContext:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        key = headers.get(b"idempotency-key", "")
        place = f"{scope['method']} {scope['path']}"
        command_id = uuid5(_NAMESPACE, f"{place}\n{key}") if key else UUID(self._randomness.uid())
        correlation = headers.get(b"x-correlation-id", "")
        if not _CORRELATION.fullmatch(correlation):
            correlation = str(command_id)
        return RequestContext(
            command_id=command_id,
            correlation_id=correlation,
            causation_id=str(command_id),
            actor="anonymous",
            user_agent=_UNPRINTABLE.sub("", headers.get(b"user-agent", ""))[:_LONGEST_AGENT],
            traceparent=self._traceparent(headers, command_id),
            repeatable=bool(key),
        )

    def _traceparent(self, headers: Mapping[bytes, str], command_id: UUID) -> str:
        given = headers.get(b"traceparent", "")
        if _TRACEPARENT.fullmatch(given):
            return given
        return f"00-{command_id.hex}-{command_id.hex[16:]}-01"
