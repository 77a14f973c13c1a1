"""What a command on a lab, and a look at it, cost in processor time, whatever its life was; with
the projector at work beside them in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from uuid import UUID, uuid4, uuid5

import uvloop

from application.commands.lab_handler import LabInstanceCommandHandler
from application.event_log.labs import stream_of
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.ports.event_store import EventStore, NewEvent, Tip
from application.ports.read_model import ReadModel
from benchmarks.figures import Figure, progress, ratio
from benchmarks.fleet import projecting
from benchmarks.handling import SPEC, context
from domain.lab_instance.commands import ChangeLabInstance, CreateLabInstance
from domain.lab_instance.events import MetadataChanged
from domain.lab_instance.key import LabKey
from domain.precondition import ANY
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.system_clock import SystemClock
from tests.kurrentdb_server.process import server_process

LIVES = (0, 1_000, 20_000)
ROUNDS = 9
_EACH = 40
_AT_ONCE = 100
_PATIENCE = 300.0
_SPACE = UUID("5d1d9f5e-3f4b-4c8e-9a5d-6f1f0f5a7b10")
_GOAL = "at most 1.30"


def measure(folder: Path) -> Sequence[Figure]:
    """Labs of all ages take turns, so that a noisy moment hits them alike."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_on_sqlite(folder))
        with server_process() as server:
            figures += runner.run(_on_kurrentdb(server.uri, folder))
    return figures


async def _on_sqlite(folder: Path) -> list[Figure]:
    database = SqliteDatabase.open_apart(folder / "lives.sqlite", clock=SystemClock())
    try:
        return await _compared("SQLite", SqliteEventStore(database), database)
    finally:
        await database.close()


async def _on_kurrentdb(uri: str, folder: Path) -> list[Figure]:
    database = SqliteDatabase.open_apart(folder / "views.sqlite", clock=SystemClock())
    try:
        async with open_kurrentdb(uri, clock=SystemClock(), patience=30.0) as store:
            return await _compared("KurrentDB's protocol", store, database)
    finally:
        await database.close()


async def _compared(name: str, store: EventStore, database: SqliteDatabase) -> list[Figure]:
    async with projecting(store, database) as (read_model, projected):
        ages = [_Age(store, read_model, events) for events in LIVES]
        for age in ages:
            await age.live()
        found: dict[str, list[list[float]]] = {}
        for number in range(ROUNDS):
            for what, work in _WORKS.items():
                await projected.reached(await store.head(), within=_PATIENCE)
                costs = [await _cost(partial(work, age)) for age in ages]
                found.setdefault(what, []).append(costs)
            progress(f"{name}, round {number + 1} of {ROUNDS}")
    figures: list[Figure] = []
    for what, rounds in found.items():
        young, *old = [median(costs) for costs in zip(*rounds, strict=True)]
        figures.append(Figure(name=f"{name}, {what}: a new lab", value=f"{young * 1e6:,.0f} us"))
        for events, cost in zip(LIVES[1:], old, strict=True):
            figures.append(ratio(f"  with {events:,} events", cost, young, goal=_GOAL))
    return figures


async def _cost(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds of this process for one."""
    begun = process_time()
    for _ in range(_EACH):
        await work()
    return (process_time() - begun) / _EACH


class _Age:
    """A lab with so many events behind it."""

    def __init__(self, store: EventStore, read_model: ReadModel, events: int) -> None:
        self._store = store
        self._read_model = read_model
        self._events = events
        self._key = LabKey("default", f"lab-{uuid4()}")
        self._recent = RecentLabs(views_in(read_model))
        self._handler = LabInstanceCommandHandler(
            store, SystemClock(), written=Progress(), recent=self._recent
        )
        self._change = ChangeLabInstance(
            lab=self._key,
            spec=SPEC,
            labels={},
            annotations={},
            finalizers=(),
            managers=(),
            precondition=ANY,
        )

    async def live(self) -> None:
        """Make the lab, and have all that happen to it."""
        create = CreateLabInstance(
            lab=self._key,
            uid=str(uuid4()),
            spec=SPEC,
            labels={},
            annotations={},
            finalizers=(),
            managers=(),
        )
        await self._handler(create, context())
        fact = MetadataChanged(labels={}, annotations={}, finalizers=(), at=SystemClock().now())
        facts = [replace(fact, labels={"change": str(number)}) for number in range(_AT_ONCE)]
        loaded = await self._recent.load(self._store, self._key)
        tip = loaded.tip
        for _ in range(0, self._events, _AT_ONCE):
            events = [NewEvent(id=uuid4(), event=fact, metadata={}) for fact in facts]
            recorded = await self._store.append(stream_of(self._key), events, expected=tip)
            tip = Tip(recorded[-1].version, recorded[-1].metadata["hash"])
        await self.look()

    async def patch(self) -> None:
        """Change a label."""
        await self._handler(replace(self._change, labels={"change": str(uuid4())}), context())

    async def patch_under_a_key(self) -> None:
        """The same, where the sender may repeat it."""
        key = replace(context(), command_id=uuid5(_SPACE, str(uuid4())), repeatable=True)
        await self._handler(replace(self._change, labels={"change": str(uuid4())}), key)

    async def look(self) -> None:
        """What a controller reads before each step."""
        await self._recent.load(self._store, self._key)

    async def first_look(self) -> None:
        """What it reads before its first step after a start."""
        await RecentLabs(views_in(self._read_model)).load(self._store, self._key)


_WORKS: Mapping[str, Callable[[_Age], Awaitable[None]]] = {
    "a patch": _Age.patch,
    "a patch under a key": _Age.patch_under_a_key,
    "a look": _Age.look,
    "the first look after a start": _Age.first_look,
}
