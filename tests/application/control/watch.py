"""A watcher over a troubled store, on its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from application.control.backoff import Backoff
from application.control.watcher import Watcher, WatcherSettings
from application.event_log.labs import stream_of
from application.mediator.notifications import LabInstanceChanged
from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EMPTY, EventStoreUnavailable, NewEvent, Tip
from domain.lab_instance.events import MetadataChanged
from domain.lab_instance.key import LabKey
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.control.arrangement import LAB
from tests.fakes.clock import FakeClock
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.randomness import SeededRandomness


class Watch:
    """A watcher over a troubled store, and what it published."""

    def __init__(self, *, pushes: bool = True) -> None:
        self.clock = FakeClock()
        self.randomness = SeededRandomness()
        self.log = MemoryEventStore(self.clock)
        self.store = TroubledEventStore(self.log, pushes=pushes)
        self.checkpoints = CountedCheckpoints()
        self.published: list[LabInstanceChanged] = []
        self.broken_handlers = 0
        self.handler_takes = 0.0
        self.pushes = pushes
        self.watcher = self.again()

    def again(self) -> Watcher:
        """A watcher as a new process makes it."""
        settings = WatcherSettings(
            pushes=self.pushes,
            poll_interval=5.0,
            tolerance=3.0,
            backoff=Backoff(base=0.5, cap=10),
        )
        self.watcher = Watcher(
            self.store,
            self.checkpoints,
            self._publish,
            settings=settings,
            randomness=self.randomness,
        )
        return self.watcher

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.watcher.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def record(self, key: LabKey = LAB, count: int = 1) -> None:
        """So many facts about a lab."""
        for _ in range(count):
            tip = EMPTY
            async for last in self.log.read_stream(stream_of(key), backwards=True):
                tip = Tip(last.version, last.metadata["hash"])
                break
            fact = MetadataChanged(labels={}, annotations={}, finalizers=(), at=self.clock.now())
            new = NewEvent(id=UUID(self.randomness.uid()), event=fact, metadata={})
            await self.log.append(stream_of(key), [new], expected=tip)

    async def saved(self) -> int:
        """The position of the watcher's checkpoint."""
        checkpoint = await self.checkpoints.load("watcher")
        return checkpoint.position if checkpoint else 0

    def positions(self) -> list[int]:
        return [changed.position for changed in self.published]

    async def _publish(self, changed: LabInstanceChanged) -> None:
        if self.broken_handlers:
            self.broken_handlers -= 1
            raise RuntimeError("a handler is broken")
        await asyncio.sleep(self.handler_takes)
        self.published.append(changed)


class CountedCheckpoints(MemoryCheckpoints):
    """Counts the saves, and fails while told to."""

    def __init__(self) -> None:
        super().__init__()
        self.saves = 0
        self.outage = False

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        if self.outage:
            raise EventStoreUnavailable("no saving now")
        self.saves += 1
        await super().save(name, checkpoint)
