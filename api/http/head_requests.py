"""HEAD of what monitors ask: the answer of GET without its body."""

from collections.abc import Awaitable

from starlette.types import Message, Scope, Send

ANSWERED = frozenset({"/livez", "/readyz", "/healthz", "/version"})
"""The paths whose HEAD is answered."""


def as_get(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """The same request as a GET, and a `send` that leaves out the body."""

    def without_body(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.body":
            message["body"] = b""
        return send(message)

    return {**scope, "method": "GET"}, without_body
