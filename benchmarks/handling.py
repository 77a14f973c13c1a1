"""Commands without HTTP, on SQLite, beside the `eventsourcing` library doing the same work:
a lab is asked for, its provisioning starts, it becomes ready; each is durable on its own."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import get_args
from uuid import UUID, uuid4

import uvloop

from application.commands.conflict_retry import decide_again_on_conflict
from application.commands.lab_handler import LabInstanceCommandHandler
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.mediator.mediator import Mediator, RequestContext
from benchmarks.figures import Figure, progress, rate, ratio
from benchmarks.peer_eventsourcing import open_peer
from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.control_commands import MarkReady, StartProvisioning
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.system_clock import SystemClock
from infrastructure.telemetry.measured_commands import MeasureCommand
from infrastructure.telemetry.metrics import Metrics

LABS = 1000
ROUNDS = 3
SPEC = LabInstanceSpec(
    template="python-basics",
    duration="60m",
    student_email="student@example.com",
    environment={},
)


def measure(folder: Path) -> Sequence[Figure]:
    """Rounds of the peer, of ours one command after another, and of ours with 32 waiting take
    turns, so that a noisy moment hits them alike."""
    found: list[tuple[float, float, float]] = []
    for _ in range(ROUNDS):
        found.append((_peer(folder), _on_uvloop(_ours(folder, 1)), _on_uvloop(_ours(folder, 32))))
        progress("peer {:,.0f} /s, ours {:,.0f} /s, ours 32 waiting {:,.0f} /s".format(*found[-1]))
    peer, alone, together = (median(rates) for rates in zip(*found, strict=True))
    return [
        rate("eventsourcing on SQLite, commands", peer),
        rate("ours, one command at a time", alone),
        ratio("  against eventsourcing", alone, peer),
        rate("ours, 32 commands at a time", together),
        ratio("  against eventsourcing", together, peer, goal="at least 3"),
    ]


def _on_uvloop(work: Coroutine[None, None, float]) -> float:
    """As the service runs it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _peer(folder: Path) -> float:
    labs = open_peer(folder / f"peer-{uuid4()}.sqlite")
    try:
        started = perf_counter()
        for number in range(LABS):
            name = f"lab-{number}"
            labs.create(name)
            labs.start(name)
            labs.become_ready(name)
        return 3 * LABS / (perf_counter() - started)
    finally:
        labs.close()


async def _ours(folder: Path, at_once: int) -> float:
    database = SqliteDatabase.open_apart(folder / f"ours-{uuid4()}.sqlite", clock=SystemClock())
    try:
        mediator = _mediator(SqliteEventStore(database))
        numbers = iter(range(LABS))
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(_live(mediator, numbers))
        return 3 * LABS / (perf_counter() - started)
    finally:
        await database.close()


def _mediator(store: SqliteEventStore) -> Mediator:
    mediator = Mediator([MeasureCommand(Metrics()), decide_again_on_conflict])
    handler = LabInstanceCommandHandler(
        store, SystemClock(), written=Progress(), recent=RecentLabs(views_in(MemoryReadModel()))
    )
    for kind in get_args(LabInstanceCommand):
        mediator.on_command(kind, handler)
    return mediator


async def _live(mediator: Mediator, numbers: Iterator[int]) -> None:
    for number in numbers:
        key, uid = LabKey("default", f"lab-{number}"), str(UUID(int=number))
        for command in _life(key, uid):
            await mediator.send(command, context())


def _life(key: LabKey, uid: str) -> Sequence[LabInstanceCommand]:
    return (
        CreateLabInstance(
            lab=key,
            uid=uid,
            spec=SPEC,
            labels={},
            annotations={},
            finalizers=(),
            managers=(),
        ),
        StartProvisioning(lab=key, uid=uid, timeout=timedelta(minutes=2)),
        MarkReady(
            lab=key, uid=uid, revision=1, endpoint="http://127.0.0.1:1", isolation="simulated"
        ),
    )


def context() -> RequestContext:
    """That of a new command."""
    return RequestContext(
        command_id=uuid4(),
        correlation_id="benchmark",
        causation_id="",
        actor="benchmark",
        user_agent="benchmark",
        traceparent="",
        repeatable=False,
    )
