"""What others feel while somebody attacks: how long /livez takes, and how large the service is."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.architecture.tree import ROOT
from tests.scenarios.service import Service

LARGEST = 300  # MB
SLOWEST = 2.0  # seconds, of the machine that has to do everything else as well; see `report`


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How long each /livez took, and each question to a server that does nothing meanwhile, in
    seconds; how many of the former failed; the most megabytes that the service held."""

    service: Sequence[float]
    still: Sequence[float]
    failures: int
    largest: int

    def check(self) -> None:
        """The service stayed alive, small and quick."""
        self.report()
        assert self.failures == 0
        assert self.largest < LARGEST
        assert _share(self.service, 0.9) < SLOWEST

    def report(self) -> None:
        """For whoever wants the figures: pytest -s."""
        name = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[2].partition(" ")[0]
        ours, others = _told(self.service), _told(self.still)
        print(f"\n{name}: {self.largest} MB, /livez {ours}, doing nothing {others}")  # noqa: T201  asked for


@contextlib.asynccontextmanager
async def vigil(service: Service) -> AsyncIterator[None]:
    """Watch while the context lasts, and then check."""
    _forget_the_peak(service.pid)
    words = [sys.executable, "-m", "tests.hostile_peer.stillness", str(service.port)]
    asking = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert asking.stdout is not None
        assert await asyncio.to_thread(asking.stdout.readline) == "begun\n"
        yield
    finally:
        told, _ = await asyncio.to_thread(asking.communicate)
    Seen(**json.loads(told), largest=memory_of(service.pid)).check()


def _told(seconds: Sequence[float]) -> str:
    figures = (median(seconds), _share(seconds, 0.99), max(seconds))
    return "/".join(f"{each * 1000:.0f}" for each in figures) + " ms (p50/p99/max)"


def _share(seconds: Sequence[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share)]


def _forget_the_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory_of(pid: int) -> int:
    """The most megabytes that the process has held since its peak began anew."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise AssertionError(f"process {pid} is gone")


async def spoken(port: int, request: bytes) -> bytes:
    """All that is answered to some bytes until the connection is closed; nothing where it is
    closed while they are still sent, for then the answer may be lost on its way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    except ConnectionError:
        return b""
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
