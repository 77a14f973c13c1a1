"""A lab's door: its port, and the proof that the lab itself stands behind it.

A port is chosen first and bound by somebody later, who need not be the lab. So whoever has a
secret to bring connects first, and then looks whose process has accepted that connection.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from enum import Enum

from infrastructure.process.peers import holder, inode_of
from infrastructure.process.ports import LOOPBACK
from infrastructure.process.proc import Process, is_same, read_process
from infrastructure.process.workers import Workers

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


class Behind(Enum):
    """Who has accepted a connection."""

    LAB = "lab"
    STRANGER = "stranger"
    NOBODY = "nobody"


class Door:
    """The door of one lab. `processes` finds the lab's processes; called in a thread."""

    def __init__(self, port: int, processes: Callable[[], Iterable[Process]]) -> None:
        self.port = port
        self._processes = processes
        self._opener: Process | None = None

    @asynccontextmanager
    async def opened(self, workers: Workers) -> AsyncIterator[tuple[socket.socket, Behind]]:
        """A connection, and who has accepted it: nobody where nobody listens. Nothing is sent.
        The caller bounds the time, during which the door may be taken for open or not."""
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
            link.setblocking(False)
            try:
                await loop.sock_connect(link, (LOOPBACK, self.port))
            except OSError:
                yield link, Behind.NOBODY
                return
            yield link, await self._who(link.getsockname()[1], workers)

    async def _who(self, client: int, workers: Workers) -> Behind:
        if client == self.port:  # with nobody there, the kernel may connect a port to itself
            return Behind.NOBODY
        pause = _FIRST_PAUSE
        while True:
            seen = await workers.run(self._look, client)
            if seen is not Behind.NOBODY:
                return seen
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _look(self, client: int) -> Behind:
        inode = inode_of(self.port, client)
        if not inode:
            return Behind.NOBODY
        known = self._opener
        if known is not None and is_same(known) and holder(inode, [known.pid]):
            return Behind.LAB
        found = holder(inode, [process.pid for process in self._processes()])
        self._opener = read_process(found) if found else None
        return Behind.LAB if found else Behind.STRANGER
