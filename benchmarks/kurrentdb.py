"""Appends through the KurrentDB adapter, beside the bare client sending the same bytes to the
same server: the one of the tests, as a process of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import uvloop
from kurrentdbclient import AsyncKurrentDBClient, StreamState

from application.ports.event_store import EMPTY, NewEvent
from benchmarks.figures import Figure, progress, rate, ratio
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from infrastructure.codec.chain import seal
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.wire import to_client
from infrastructure.system_clock import SystemClock
from tests.kurrentdb_server.process import server_process

APPENDS = 1000
ROUNDS = 5
_AT_ONCE = (1, 32)
_METADATA = {
    "$correlationId": str(UUID(int=1)),
    "$causationId": "",
    "commandId": str(UUID(int=2)),
    "actor": "benchmark",
    "userAgent": "benchmark",
    "traceparent": "",
}
Append = Callable[[str], Awaitable[object]]


def measure(folder: Path) -> Sequence[Figure]:
    """Rounds of both take turns, so that a noisy moment hits them alike. `folder` is not used:
    the server keeps its log in memory."""
    del folder
    with server_process() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_rounds(server.uri))
    figures: list[Figure] = []
    for at_once in _AT_ONCE:
        bare, ours = (median(rates) for rates in zip(*found[at_once], strict=True))
        figures += [
            rate(f"the bare client, {at_once} at a time", bare),
            rate(f"through the adapter, {at_once} at a time", ours),
            ratio("  against the bare client", ours, bare, goal="at least 0.8"),
        ]
    return figures


async def _rounds(uri: str) -> dict[int, list[tuple[float, float]]]:
    found: dict[int, list[tuple[float, float]]] = {at_once: [] for at_once in _AT_ONCE}
    new = _created()
    [sealed] = seal("labinstance-default/any", [new], EMPTY)
    event = to_client(sealed)
    async with (
        AsyncKurrentDBClient(uri) as client,
        open_kurrentdb(uri, clock=SystemClock()) as store,
    ):

        async def bare(stream: str) -> object:
            return await client.append_to_stream(
                stream, events=[event], current_version=StreamState.NO_STREAM
            )

        async def ours(stream: str) -> object:
            return await store.append(stream, [new], expected=EMPTY)

        for at_once in _AT_ONCE * ROUNDS:
            each = (await _measured(bare, at_once), await _measured(ours, at_once))
            found[at_once].append(each)
            progress("{} at a time: bare {:,.0f} /s, ours {:,.0f} /s".format(at_once, *each))
    return found


async def _measured(append: Append, at_once: int) -> float:
    names = (f"labinstance-default/{uuid4()}-{number}" for number in range(APPENDS))
    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(_append_all(append, names))
    return APPENDS / (perf_counter() - started)


async def _append_all(append: Append, names: Iterator[str]) -> None:
    for name in names:
        await append(name)


def _created() -> NewEvent:
    spec = LabInstanceSpec(
        template="python-basics",
        duration="60m",
        student_email="student@example.com",
        environment={},
    )
    created = LabInstanceCreated(
        lab=LabKey("default", "benchmark"),
        uid=str(UUID(int=3)),
        spec=spec,
        labels={},
        annotations={},
        finalizers=(),
        at=SystemClock().now(),
    )
    return NewEvent(id=uuid4(), event=created, metadata=_METADATA)
