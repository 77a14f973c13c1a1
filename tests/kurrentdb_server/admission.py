"""Whether a call is let in at all: credentials, and the faults that hit every call."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import grpc

from tests.kurrentdb_server.faults import Faults


class Admission:
    """The server's door. `users` are names with passwords; None lets everybody in."""

    def __init__(self, faults: Faults, users: Mapping[str, str] | None) -> None:
        self._faults = faults
        self._known = users and {
            b"Basic " + b64encode(f"{name}:{password}".encode())
            for name, password in users.items()
        }

    async def admit(self, context: Any) -> None:
        """Return when the call may go on; end it otherwise."""
        if self._faults.delay:
            await asyncio.sleep(self._faults.delay)
        while self._faults.held.is_set():
            await asyncio.sleep(0.01)
        if self._faults.unimplemented:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        if self._known is not None and self._shown(context) not in self._known:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Bad credentials")

    async def admit_write(self, context: Any) -> None:
        """As `admit`, for calls that only the leader serves."""
        await self.admit(context)
        if self._faults.is_follower:
            port = str(self._faults.leader_port)
            trailers = (("leader-endpoint-host", "127.0.0.1"), ("leader-endpoint-port", port))
            await context.abort(grpc.StatusCode.NOT_FOUND, "Leader info available", trailers)

    def _shown(self, context: Any) -> bytes:
        shown = dict(context.invocation_metadata()).get("authorization", b"")
        return shown.encode() if isinstance(shown, str) else bytes(shown)
