"""Takes in connections, as many as there are places: before a handshake, not after it."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.http.encoding import encode
from api.kubernetes.status import failure
from api.server.connections import Connections
from api.server.http_protocol import BoundedHttpProtocol

_log = logging.getLogger(__name__)
_HANDSHAKE_SECONDS = 10.0
_PAUSE = 0.1
_SEND_BUFFER = 256 * 1024  # the kernel's own choice grows to megabytes for each deaf client
_UNTAKEN_MILLISECONDS = 30_000
_BUSY = encode(failure(503, "ServiceUnavailable", "too many connections are open; try again soon"))


class _Opening:
    """A connection that is not one yet: it may shake hands, or wait with it for ever. Once
    `protocol` has its transport, the place is the protocol's to give back."""

    def __init__(
        self, client: socket.socket, protocol: BoundedHttpProtocol, task: "asyncio.Task[None]"
    ) -> None:
        self.client = client
        self._protocol = protocol
        self._task = task

    @property
    def made(self) -> bool:
        transport: asyncio.Transport | None = self._protocol.transport
        return transport is not None

    def evict(self) -> None:
        if self.made:
            self._protocol.evict()
        else:
            self._task.cancel()


class Accepting:
    """Accepts on one socket until it is closed. Whoever finds no place is answered 503 at once,
    or let go where a handshake would come first."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], BoundedHttpProtocol],
        connections: Connections,
        context: ssl.SSLContext | None,
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._connections = connections
        self._context = context
        self._opening: dict[asyncio.Task[None], _Opening] = {}
        listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept(), name="accepting")

    def close(self) -> None:
        """Accept no more, and let go of who is still shaking hands."""
        self._accepting.cancel()
        for task in self._opening:
            task.cancel()

    async def wait_closed(self) -> None:
        """Until nothing is being accepted."""
        await asyncio.gather(self._accepting, *self._opening, return_exceptions=True)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
            except OSError as error:  # the client has left, or the machine has no descriptor left
                self._connections.report("a connection was not accepted", error=str(error))
                await asyncio.sleep(_PAUSE)
                continue
            self._take(client)
            await asyncio.sleep(0)  # a crowd at the door leaves time for those inside

    def _take(self, client: socket.socket) -> None:
        if not self._connections.admit():
            self._turn_away(client)
            return
        protocol = self._protocol()
        task = asyncio.create_task(self._open(client, protocol), name="connection")
        opening = _Opening(client, protocol, task)
        self._opening[task] = opening
        self._connections.rest(opening)
        task.add_done_callback(self._opened)

    def _opened(self, task: "asyncio.Task[None]") -> None:
        opening = self._opening.pop(task)
        self._connections.wake(opening)
        error = None if task.cancelled() else task.exception()
        if not opening.made:
            opening.client.close()
            self._connections.leave()
            _log.debug("a connection came to nothing", extra={"error": str(error)})

    def _turn_away(self, client: socket.socket) -> None:
        with contextlib.closing(client), contextlib.suppress(OSError):
            if self._context is None:
                head = b"content-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n"
                client.send(STATUS_LINE[503] + head + b"\r\n" + _BUSY)

    async def _open(self, client: socket.socket, protocol: BoundedHttpProtocol) -> None:
        loop = asyncio.get_running_loop()
        seconds = None if self._context is None else _HANDSHAKE_SECONDS
        _bound(client)
        await loop.connect_accepted_socket(
            lambda: protocol,
            client,
            ssl=self._context,
            ssl_handshake_timeout=seconds,
            ssl_shutdown_timeout=seconds,
        )


def _bound(client: socket.socket) -> None:
    """What a client does not take is held in a small buffer, and not for ever: the kernel closes
    the connection when nothing of it was taken for half a minute."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNTAKEN_MILLISECONDS)
