"""Asks labs over HTTP whether they answer, and lets no answer cost more than another."""

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass

from infrastructure.process.doors import Behind, Door
from infrastructure.process.ports import LOOPBACK
from infrastructure.process.workers import Workers
from infrastructure.templates.definition import Readiness

_AT_ONCE = 32
_SLOW_AT_ONCE = 8
_SLOW = 0.5
_LONGEST_STATUS_LINE = 1024
_READ_AT_MOST = 64 * 1024
_FOR_THE_REST = 0.2
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?:[ \r\n])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one question: the status, 0 when there was none in time; and whether it is a
    stranger who listens at the lab's port. He was sent nothing."""

    status: int = 0
    stranger: bool = False
    slow: bool = False


class HttpProbe:
    """Asks labs. Nothing of one question is left for the next: no connection, no cookie; what
    is read is the status line, and a bounded rest so that the lab can finish.

    `timeout` bounds a question as a whole. Labs that were slow the last time have places of
    their own, so that however many there are, the others do not wait for them.
    """

    def __init__(self, timeout: float, workers: Workers) -> None:
        self._timeout = timeout
        self._workers = workers
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._slow_places = asyncio.Semaphore(_SLOW_AT_ONCE)

    async def ask(self, readiness: Readiness, door: Door, token: str, *, slow: bool) -> Answer:
        """What the lab answers at the readiness path. Raises ProvisionerUnavailable."""
        clock = asyncio.get_running_loop().time
        async with self._slow_places if slow else self._places:
            begun = clock()
            status, behind = 0, Behind.NOBODY
            with suppress(OSError):
                async with (
                    asyncio.timeout(self._timeout),
                    door.opened(self._workers) as (link, behind),
                ):
                    if behind is Behind.LAB:
                        status = await _status(link, _request(readiness.path, door.port, token))
            took = clock() - begun
        return Answer(status=status, stranger=behind is Behind.STRANGER, slow=took > _SLOW)

    async def is_the_labs(self, door: Door) -> bool:
        """Whether the lab itself listens at its port. Raises ProvisionerUnavailable."""
        with suppress(OSError):
            async with asyncio.timeout(self._timeout), door.opened(self._workers) as (_, behind):
                return behind is Behind.LAB
        return False


def _request(path: str, port: int, token: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {LOOPBACK}:{port}",
        f"Authorization: Bearer {token}",
        "User-Agent: lab-resource-manager",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _status(link: socket.socket, request: bytes) -> int:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(link, request)
    line = b""
    while b"\n" not in line and len(line) < _LONGEST_STATUS_LINE:
        piece = await loop.sock_recv(link, _LONGEST_STATUS_LINE)
        if not piece:
            break
        line += piece
    found = _STATUS_LINE.match(line)
    if found is None:
        return 0
    await _let_finish(link)
    return int(found[1])


async def _let_finish(link: socket.socket) -> None:
    """Read the rest while it is short and comes soon: a lab that is cut off complains."""
    loop = asyncio.get_running_loop()
    left = _READ_AT_MOST
    with suppress(OSError):
        async with asyncio.timeout(_FOR_THE_REST):
            while left > 0 and (piece := await loop.sock_recv(link, left)):
                left -= len(piece)
