"""Who asks, and what the request belongs to: ids are taken from headers or made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.types import Scope

from application.mediator.mediator import RequestContext
from application.ports.clock import Randomness

_CALLER = "lab.caller"
_NAMESPACE = UUID("6b0f6a0e-8d0c-5d57-9f25-5ba3b3c0a1f4")
_CORRELATION = re.compile(r"[!-~]{1,128}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_UNPRINTABLE = re.compile(r"[^ -~]")
_LONGEST_AGENT = 256
_MOST_READ = 1024


@dataclass(slots=True)
class Caller:
    """Who asks, and for what, by a request's head. `user` is empty until somebody is known.

    `request_id`: follows from `Idempotency-Key`, together with method and path, so that the
    same key means the same only where it was sent before; without a key it is new.
    """

    headers: Mapping[bytes, bytes]
    request_id: str
    repeatable: bool
    correlation_id: str
    user: str = ""


def caller_of(scope: Scope) -> Caller:
    """The caller that RequestIdentity has left in the scope."""
    return cast("Caller", scope[_CALLER])


def context_of(request: Request) -> RequestContext:
    """Who asks, and what the request belongs to. Two users' keys never mean one command."""
    caller = caller_of(request.scope)
    request_id = UUID(caller.request_id)
    return RequestContext(
        command_id=uuid5(request_id, caller.user) if caller.repeatable else request_id,
        correlation_id=caller.correlation_id,
        causation_id=caller.request_id,
        actor=caller.user,
        user_agent=_printable(caller.headers.get(b"user-agent", b"")[:_MOST_READ]),
        traceparent=_traceparent(caller.headers, caller.request_id),
        repeatable=caller.repeatable,
    )


class RequestIdentity:
    """Finds out who asks, and makes the ids that a request does not bring."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness

    def noted_in(self, scope: Scope) -> Caller:
        """The caller, who is also left in the scope for `caller_of`."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        key = _text(headers, b"idempotency-key")
        if key:
            request_id = str(uuid5(_NAMESPACE, f"{scope['method']} {scope['path']}\n{key}"))
        else:
            request_id = self._randomness.uid()
        correlation = _text(headers, b"x-correlation-id")
        if not correlation or not _CORRELATION.fullmatch(correlation):
            correlation = request_id
        caller = scope[_CALLER] = Caller(headers, request_id, bool(key), correlation)
        return caller


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    given = headers.get(name)
    return given.decode("latin-1") if given else ""


@lru_cache(maxsize=256)
def _printable(agent: bytes) -> str:
    return _UNPRINTABLE.sub("", agent.decode("latin-1"))[:_LONGEST_AGENT]


def _traceparent(headers: Mapping[bytes, bytes], request_id: str) -> str:
    given = _text(headers, b"traceparent")
    if given and _TRACEPARENT.fullmatch(given):
        return given
    digits = request_id.replace("-", "")
    return f"00-{digits}-{digits[16:]}-01"
