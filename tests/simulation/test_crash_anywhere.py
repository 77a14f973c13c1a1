"""The power fails at every single call of a lab's life, and the lab's life goes on."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.event_log.labs import stream_of
from application.mediator.mediator import RequestContext
from application.service import Service
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import BecameReady
from domain.lab_instance.observation import Absent
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.leases import MemoryLeases
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.memory.unknown_labs import MemoryUnknownLabs
from infrastructure.settings import Settings, read_settings
from infrastructure.simulated.provisioner import SimulatedProvisioner
from infrastructure.templates.catalog import FileTemplateCatalog
from infrastructure.wiring.adapters import Adapters
from infrastructure.wiring.bootstrap import at_work
from tests.application.arrangement import context
from tests.domain.scenario import LAB, SPEC, UID
from tests.domain.test_user_commands import create
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import run_in_virtual_time
from tests.fakes.writing import Writing
from tests.simulation.crashing import (
    CrashingCheckpoints,
    CrashingEventStore,
    CrashingProvisioner,
    CrashingReadModel,
    Power,
)

SHORT = replace(create, spec=replace(SPEC, duration="20s"))
SETTINGS: Settings = read_settings({"LAB_DATA_DIR": ".", "LAB_GRACE_PERIOD": "0s"})


class World:
    """What survives a power failure: the disk and the labs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.randomness = SeededRandomness()
        self.store = MemoryEventStore(self.clock)
        self.read_model = MemoryReadModel()
        self.api_objects = MemoryApiObjects()
        self.checkpoints = MemoryCheckpoints()
        self.audit_records = MemoryAuditRecords()
        self.provisioner = SimulatedProvisioner(
            delay=1.0, failure_rate=0.0, randomness=self.randomness
        )
        self.started: list[tuple[str, int]] = []

    def adapters(self, power: Power) -> Adapters:
        """The world as one process sees it."""
        return Adapters(
            events=CrashingEventStore(self.store, power),
            read_model=CrashingReadModel(self.read_model, power),
            past_index=self.read_model.past,
            api_objects=self.api_objects,
            checkpoints=CrashingCheckpoints(self.checkpoints, power),
            leases=MemoryLeases(self.clock),
            try_writing=Writing(),
            audit_records=self.audit_records,
            provisioner=CrashingProvisioner(self.provisioner, power, self.started),
            unknown_labs=MemoryUnknownLabs(),
            templates=FileTemplateCatalog({}, {}),
            clock=self.clock,
            randomness=self.randomness,
            replica="a",
        )

    async def lives(self, power: Power) -> None:
        """A process works until the lab is gone, or until the power fails."""
        living = asyncio.ensure_future(self._life(power))
        failing = asyncio.ensure_future(power.failed.wait())
        await asyncio.wait({living, failing}, return_when=asyncio.FIRST_COMPLETED)
        failing.cancel()
        if not living.done():
            living.cancel()
            await asyncio.wait({living})
        elif not power.failed.is_set():
            living.result()

    async def _life(self, power: Power) -> None:
        async with at_work(SETTINGS, self.adapters(power)) as application:
            await self._declared_until_gone(application)

    async def _declared_until_gone(self, application: Service) -> None:
        # A client that got no answer asks again, with the same key.
        asked: RequestContext = context("declared", repeatable=True)
        await application.mediator.send(SHORT, asked)
        while not await self._gone():
            await asyncio.sleep(0.5)

    async def _gone(self) -> bool:
        kinds = [type(recorded.event) async for recorded in self.store.read_all(after=0)]
        return Deleted in kinds

    async def verdict(self) -> None:
        """The lab was made once, lived its time, and nothing of it is left."""
        events = [recorded async for recorded in self.store.read_stream(stream_of(LAB))]
        assert [recorded.version for recorded in events] == list(range(1, len(events) + 1))
        kinds = [type(recorded.event) for recorded in events]
        assert kinds.count(Deleted) == 1
        ready = [one.event for one in events if isinstance(one.event, BecameReady)]
        gone = [one.event for one in events if isinstance(one.event, Deleted)]
        assert len(ready) == 1
        lived = gone[0].at - ready[0].at
        assert timedelta(seconds=20) <= lived < timedelta(seconds=23)
        assert self.started == [(UID, 1)]
        assert await self.provisioner.observe(UID) == Absent()
        assert await self.provisioner.list() == ()


async def _uninterrupted() -> int:
    world = World()
    power = Power(fails_at=None, after=False)
    async with asyncio.timeout(600):
        await world.lives(power)
    await world.verdict()
    return power.calls


async def _interrupted(fails_at: int, *, after: bool) -> None:
    world = World()
    async with asyncio.timeout(600):
        await world.lives(Power(fails_at=fails_at, after=after))
        await world.lives(Power(fails_at=None, after=False))
    await world.verdict()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_changes_nothing_in_the_end(after: bool) -> None:
    calls = run_in_virtual_time(_uninterrupted())
    assert calls > 50
    for fails_at in range(calls):
        try:
            run_in_virtual_time(_interrupted(fails_at, after=after))
        except BaseException as error:
            error.add_note(f"the power failed at call {fails_at} of {calls}")
            raise
