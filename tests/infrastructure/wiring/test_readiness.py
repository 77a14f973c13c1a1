"""When the service says that it can do its work, and what it says when it cannot."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from application.event_log.progress import Progress
from application.ports.provisioner import Health, Provisioner
from application.service import Check
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.simulated.provisioner import SimulatedProvisioner
from infrastructure.wiring.readiness import Alarm, ReadinessChecks, Reports
from tests.application.arrangement import arranged
from tests.domain.test_user_commands import create
from tests.fakes.clock import FakeClock
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time
from tests.fakes.writing import Writing
from tests.infrastructure.telemetry.broken_provisioner import BrokenProvisioner


class FullProvisioner(SimulatedProvisioner):
    """There is no room for another runtime."""

    async def probe(self) -> Health:
        return Health(isolation="simulated", message="no lab is started: no room", full=True)


class Surroundings:
    """What readiness is about, in order unless a test breaks it."""

    def __init__(self, provisioner: Provisioner | None = None) -> None:
        self.log = MemoryEventStore(FakeClock())
        self.store = TroubledEventStore(self.log)
        self.projected = Progress()
        self.writing = Writing()
        self.troubles: Sequence[str] = ()
        self.failures: Sequence[str] = ()
        self.unreadable: Sequence[str] = ()
        self.ahead_by = timedelta(0)
        healthy = SimulatedProvisioner(delay=0, failure_rate=0, randomness=SeededRandomness())
        self.checks = ReadinessChecks(
            store=self.store,
            read_model=MemoryReadModel(),
            provisioner=provisioner or healthy,
            try_writing=self.writing,
            projected=self.projected,
            reports=Reports(
                loops=lambda: self.troubles,
                appends=lambda: self.failures,
                unreadable=lambda: self.unreadable,
                ahead=self.ahead,
            ),
        )

    async def ahead(self) -> timedelta:
        return self.ahead_by

    async def found(self) -> dict[str, Check]:
        return {finding.name: finding for finding in await self.checks.checks()}


@in_virtual_time
async def test_a_service_whose_parts_all_work_is_ready_and_names_the_isolation() -> None:
    found = await Surroundings().found()
    assert all(finding.ok for finding in found.values())
    assert found["provisioner"].message == (
        "isolation: simulated (labs are simulated: nothing runs)"
    )


@in_virtual_time
async def test_views_behind_the_log_are_told_whoever_wrote_what_they_lack() -> None:
    around = Surroundings()
    await arranged(around.log).send(create)
    found = await around.found()
    assert not found["projection"].ok
    assert found["projection"].message == "the views are 1 positions behind"
    around.projected.advance(1)
    assert (await around.found())["projection"].ok


@in_virtual_time
async def test_loops_in_trouble_are_named() -> None:
    around = Surroundings()
    around.troubles = ("watcher: it is behind the log", "worker: it died and will be restarted")
    found = await around.found()
    assert not found["control"].ok
    assert found["control"].message == "; ".join(around.troubles)


@in_virtual_time
async def test_a_matter_for_a_person_to_decide_is_seen_and_leaves_the_service_ready() -> None:
    around = Surroundings()
    around.troubles = (Alarm("labs unknown to the log: 3 of 4"),)
    check = (await around.found())["control"]
    assert (check.ok, check.warns) == (True, True)
    assert check.message == "labs unknown to the log: 3 of 4"


@in_virtual_time
async def test_a_store_that_is_away_is_one_finding_and_not_the_end_of_the_check() -> None:
    around = Surroundings()
    around.store.outage = "the disk is broken"
    found = await around.found()
    assert (found["event-store"].ok, found["read-model"].ok) == (False, True)
    assert "the disk is broken" in found["event-store"].message


@in_virtual_time
async def test_a_provisioner_out_of_service_is_told_and_leaves_the_service_ready() -> None:
    found = await Surroundings(BrokenProvisioner()).found()
    assert found["provisioner"].ok
    assert "out of service" in found["provisioner"].message


@in_virtual_time
async def test_a_provisioner_that_gives_no_answer_holds_nobody_up() -> None:
    provisioner = SimulatedProvisioner(delay=0, failure_rate=0, randomness=SeededRandomness())
    provisioner.faults.hang()
    found = await Surroundings(provisioner).found()
    assert found["provisioner"].message == "no answer from the provisioner"


@in_virtual_time
async def test_a_disk_that_can_be_read_but_not_written_is_told_until_there_is_room() -> None:
    around = Surroundings()
    assert (await around.found())["writing"].ok
    around.writing.trouble = "database or disk is full"
    await asyncio.sleep(6)
    found = await around.found()
    assert (found["event-store"].ok, found["writing"].ok) == (True, False)
    assert "disk is full" in found["writing"].message
    around.writing.trouble = ""
    assert (await around.found())["writing"].ok


@in_virtual_time
async def test_an_append_that_failed_of_late_is_named_although_a_probe_can_be_written() -> None:
    around = Surroundings()
    around.failures = ["the last append failed: database disk image is malformed"]
    writing = (await around.found())["writing"]
    assert not writing.ok
    assert "malformed" in writing.message
    around.failures = ()
    assert (await around.found())["writing"].ok


@in_virtual_time
async def test_views_that_cannot_be_read_are_named_and_the_service_stays_ready() -> None:
    around = Surroundings()
    around.unreadable = ["default/ann"]
    views = (await around.found())["read-model"]
    assert views.ok
    assert "default/ann" in views.message


@in_virtual_time
async def test_a_clock_behind_the_times_in_the_log_is_told_and_hinders_nothing() -> None:
    around = Surroundings()
    assert "clock" not in await around.found()
    around.ahead_by = timedelta(days=400)
    clock = (await around.found())["clock"]
    assert clock.ok
    assert "400 days" in clock.message


@in_virtual_time
async def test_a_full_disk_of_labs_is_warned_of_and_leaves_the_service_ready() -> None:
    full = FullProvisioner(delay=0, failure_rate=0, randomness=SeededRandomness())
    check = (await Surroundings(full).found())["provisioner"]
    assert (check.ok, check.warns) == (True, True)
    assert "no lab is started: no room" in check.message
