"""The client process: raw HTTP/1.1 on kept connections, so that it is not the bottleneck."""

import asyncio
import sys
from collections import Counter
from statistics import quantiles
from time import perf_counter
from typing import cast

import msgspec
import uvloop

from benchmarks.load import NAME_MARK, Load, Outcome

_PATIENCE = 120.0
_LENGTH = b"content-length:"


class LoadRun:
    """What all connections share: the requests to come and the answers so far."""

    def __init__(self, load: Load) -> None:
        before, after = load.body.split(NAME_MARK)
        self._before, self._after = before.encode(), after.encode()
        self._head = (
            f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n"
            f"Authorization: Bearer {load.token}\r\nContent-Type: application/json\r\n"
            "User-Agent: benchmark\r\nContent-Length: "
        ).encode()
        self._load = load
        self._next = 0
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def next_request(self) -> bytes | None:
        """The next request's bytes; None when there are no more."""
        if self._next >= self._load.requests:
            return None
        self._next += 1
        name = f"{self._load.prefix}-{self._next}".encode()
        body = self._before + name + self._after
        return self._head + str(len(body)).encode() + b"\r\n\r\n" + body

    def answered(self, status: str, latency: float) -> None:
        """Take an answer into account."""
        self.statuses[status] += 1
        self.latencies.append(latency)
        if len(self.latencies) == self._load.requests:
            self.done.set_result(None)

    def broken(self) -> None:
        """A connection ended before its answer."""
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a connection"))


class Connection(asyncio.Protocol):
    """One client: sends a request, waits for its answer, sends the next."""

    def __init__(self, run: LoadRun) -> None:
        self._run = run
        self._transport: asyncio.WriteTransport | None = None
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports are no subclasses of asyncio's, but do the same.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take the answer when it is whole."""
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        start = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self._received) < head_end + 4 + length:
            return
        status = self._received[9:12].decode()
        self._received = b""
        self._run.answered(status, perf_counter() - self._sent_at)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the run, which may have been through already."""
        self._run.broken()

    def _send(self) -> None:
        request = self._run.next_request()
        if request is None or self._transport is None:
            return
        self._sent_at = perf_counter()
        self._transport.write(request)


async def run(load: Load) -> Outcome:
    """Send the load and wait for every answer."""
    loop = asyncio.get_running_loop()
    shared = LoadRun(load)
    started = perf_counter()
    for _ in range(load.clients):
        await loop.create_connection(lambda: Connection(shared), "127.0.0.1", load.port)
    async with asyncio.timeout(_PATIENCE):
        await shared.done
    spent = perf_counter() - started
    cuts = quantiles(shared.latencies, n=100)
    return Outcome(
        seconds=spent,
        statuses=dict(shared.statuses),
        median_latency=cuts[49],
        high_latency=cuts[98],
    )


def main() -> None:
    """Read the load from standard input, print the outcome."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(run(load))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
