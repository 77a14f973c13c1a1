"""What others feel while somebody attacks: how long /livez takes, and how large the service is."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tests.scenarios.service import Service

LARGEST = 300  # MB
SLOWEST = 2.0  # seconds, of the machine that has to do everything else as well; see `report`
_LIVEZ = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Vigil:
    """Asks /livez ten times a second, each time on a connection of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.seconds: list[float] = []
        self.largest = 0
        self.failures = 0

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(0.1)

    async def look(self) -> None:
        """Once."""
        self.largest = max(self.largest, memory_of(self._service.pid))
        await self._ask()

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(20):
                answer = await spoken(self._service.port, _LIVEZ)
        except (OSError, TimeoutError):
            answer = b""
        self.failures += not answer.startswith(b"HTTP/1.1 200 ")
        self.seconds.append(loop.time() - begun)

    def check(self) -> None:
        """The service stayed alive, small and quick."""
        assert self.seconds, "nobody looked"
        self.report()
        assert self.failures == 0
        assert self.largest < LARGEST
        assert sorted(self.seconds)[len(self.seconds) * 9 // 10] < SLOWEST

    def report(self) -> None:
        """For whoever wants the figures: pytest -s."""
        name = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[2].partition(" ")[0]
        slowest = max(self.seconds) * 1000
        print(f"\n{name}: {self.largest} MB, /livez at most {slowest:.0f} ms")  # noqa: T201  asked for


@contextlib.asynccontextmanager
async def vigil(service: Service) -> AsyncIterator[Vigil]:
    """Watch while the context lasts, and then check."""
    keeping = Vigil(service)
    await keeping.look()
    task = asyncio.create_task(keeping.watch())
    try:
        yield keeping
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    keeping.check()


def memory_of(pid: int) -> int:
    """Megabytes that the process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    raise AssertionError(f"process {pid} is gone")


async def spoken(port: int, request: bytes) -> bytes:
    """All that is answered to some bytes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.transport.abort()


def head(method: str, path: str, *lines: str, token: str = "") -> bytes:
    """The head of a request."""
    lines = (f"{method} {path} HTTP/1.1", "Host: x", *lines)
    lines = (*lines, f"Authorization: Bearer {token}") if token else lines
    return "\r\n".join([*lines, "", ""]).encode()


def status_of(answer: bytes) -> int:
    """The code of the first answer; 0 where there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


async def until_closed(readers: Sequence[asyncio.StreamReader], *, within: float) -> None:
    """Wait until the other side has closed all of them."""
    async with asyncio.timeout(within):
        for reader in readers:
            with contextlib.suppress(ConnectionError):
                while await reader.read(65536):
                    pass
