"""Ports that stop answering at a chosen call, as everything does when the power fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.event_store import CaughtUp, EventStore, NewEvent, RecordedEvent, Tip
from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.provisioner import Health, Provisioner, Runtime, RuntimeRequest, SetAside
from application.ports.read_model import CommandSearch, Page, ReadModel
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Observation
from domain.lab_instance.status import LabState

T = TypeVar("T")


class Power:
    """Fails at call number `fails_at`: just before it, or right `after` it took effect.

    From then on no call does anything or returns. `calls` counts the calls so far.
    """

    def __init__(self, *, fails_at: int | None, after: bool) -> None:
        self.calls = 0
        self.failed = asyncio.Event()
        self._fails_at = fails_at
        self._after = after

    async def use(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make the call, unless the power has failed or fails now."""
        fatal = self.calls == self._fails_at
        self.calls += 1
        if self.failed.is_set() or (fatal and not self._after):
            await self._fail()
        answer = await call()
        if fatal or self.failed.is_set():
            await self._fail()
        return answer

    async def _fail(self) -> None:
        self.failed.set()
        await asyncio.Event().wait()


class CrashingEventStore:
    """An EventStore that needs power."""

    def __init__(self, inner: EventStore, power: Power) -> None:
        self._inner = inner
        self._power = power

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        return await self._power.use(lambda: self._inner.append(stream, events, expected=expected))

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        reading = self._inner.read_stream(stream, from_version=from_version, backwards=backwards)
        async for recorded in reading:
            yield await self._power.use(_given(recorded))

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        async for recorded in self._inner.read_all(after=after):
            yield await self._power.use(_given(recorded))

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        async for recorded in self._inner.read_back():
            yield await self._power.use(_given(recorded))

    async def subscribe_all(self, *, after: int) -> AsyncIterator[RecordedEvent | CaughtUp]:
        async for item in self._inner.subscribe_all(after=after):
            yield await self._power.use(_given(item))

    async def head(self) -> int:
        return await self._inner.head()

    async def is_lost(self, position: int) -> bool:
        return await self._inner.is_lost(position)


class CrashingReadModel:
    """A ReadModel that needs power."""

    def __init__(self, inner: ReadModel, power: Power) -> None:
        self._inner = inner
        self._power = power

    async def get(self, key: LabKey) -> LabInstanceView | None:
        return await self._power.use(lambda: self._inner.get(key))

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return await self._inner.find(wanted, after=after, limit=limit)

    async def count(self, wanted: ViewFilter) -> int:
        return await self._inner.count(wanted)

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        return await self._power.use(lambda: self._inner.due(now, limit=limit))

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        return await self._power.use(lambda: self._inner.owned(uids))

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return await self._power.use(lambda: self._inner.unsettled(after=after, limit=limit))

    async def count_by_state(self) -> Mapping[LabState, int]:
        return await self._inner.count_by_state()

    async def position(self) -> int:
        return await self._power.use(self._inner.position)

    async def find_command(self, command: UUID) -> CommandSearch:
        return await self._power.use(lambda: self._inner.find_command(command))

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        await self._power.use(
            lambda: self._inner.apply(changes, position=position, commands=commands, passed=passed)
        )

    async def clear(self) -> None:
        await self._inner.clear()

    async def claim(self, origin: str) -> None:
        await self._power.use(lambda: self._inner.claim(origin))


class CrashingCheckpoints:
    """Checkpoints that need power."""

    def __init__(self, inner: Checkpoints, power: Power) -> None:
        self._inner = inner
        self._power = power

    async def load(self, name: str) -> Checkpoint | None:
        return await self._power.use(lambda: self._inner.load(name))

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        await self._power.use(lambda: self._inner.save(name, checkpoint))


class CrashingProvisioner:
    """A Provisioner that needs power. `started` tells every runtime that was brought up."""

    name = "crashing"
    shared = False

    def __init__(self, inner: Provisioner, power: Power, started: list[tuple[str, int]]) -> None:
        self._inner = inner
        self._power = power
        self._started = started

    async def ensure(self, request: RuntimeRequest) -> None:
        async def start() -> None:
            before = await self._inner.observe(request.uid)
            await self._inner.ensure(request)
            if await self._inner.observe(request.uid) != before:
                self._started.append((request.uid, request.revision))

        await self._power.use(start)

    async def observe(self, uid: str) -> Observation:
        return await self._power.use(lambda: self._inner.observe(uid))

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        return await self._power.use(lambda: self._inner.list(only=only))

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        return await self._power.use(lambda: self._inner.terminate(uid, keep_files=keep_files))

    async def set_aside(self, uid: str) -> SetAside:
        return await self._power.use(lambda: self._inner.set_aside(uid))

    async def clear_aside(self) -> None:
        return await self._power.use(self._inner.clear_aside)

    async def logs(self, uid: str, *, tail: int) -> str:
        return await self._inner.logs(uid, tail=tail)

    async def access(self, uid: str) -> str:
        return await self._inner.access(uid)

    async def probe(self) -> Health:
        return await self._inner.probe()

    def exits(self) -> AsyncIterator[str]:
        return self._inner.exits()

    async def close(self) -> None:
        return


def _given(item: T) -> Callable[[], Awaitable[T]]:
    async def give() -> T:
        return item

    return give
