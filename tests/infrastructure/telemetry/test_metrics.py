"""The numbers: that wrapping changes nothing, and that what happens is counted."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.control.circuit_breaker import BreakerState
from application.control.observer import ControlObserver, TurnOutcome
from application.mediator.mediator import CommandOutcome, LabOutcome, RequestContext
from application.ports.event_store import (
    EMPTY,
    EventStore,
    NewEvent,
    RecordedEvent,
    StreamConflict,
    Tip,
)
from application.ports.provisioner import Provisioner, ProvisionerUnavailable
from application.ports.read_model import ReadModel, ReadModelUnavailable
from domain.errors import LabInstanceNotFound
from domain.lab_instance.commands import LabInstanceCommand, RetryLabInstance
from domain.lab_instance.events import (
    BecameReady,
    Failed,
    LabInstanceEvent,
    ProvisioningFailed,
    ProvisioningStarted,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.system_clock import SystemClock
from infrastructure.telemetry.control_metrics import ControlMetrics
from infrastructure.telemetry.exposition import Exposition
from infrastructure.telemetry.logged_commands import log_command
from infrastructure.telemetry.measured_commands import MeasureCommand
from infrastructure.telemetry.measured_event_store import MeasuredEventStore
from infrastructure.telemetry.measured_provisioner import MeasuredProvisioner
from infrastructure.telemetry.measured_read_model import MeasuredReadModel
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions
from tests.infrastructure.telemetry.broken_provisioner import BrokenProvisioner
from tests.infrastructure.telemetry.facts import CONTEXT, NOW, STREAM, new_events

LAB = LabKey("default", "one")
COMMAND = RetryLabInstance(lab=LAB)


def value(metrics: Metrics, name: str, labels: Mapping[str, str] | None = None) -> float | None:
    return metrics.registry.get_sample_value(name, dict(labels or {}))


def measured_store(metrics: Metrics) -> EventStore:
    return MeasuredEventStore(MemoryEventStore(SystemClock()), metrics, Positions(metrics))


async def appended(store: EventStore, *events: LabInstanceEvent) -> list[RecordedEvent]:
    return list(await store.append(STREAM, new_events(*events), expected=EMPTY))


async def test_a_measured_store_answers_as_the_one_inside() -> None:
    store = measured_store(Metrics())
    recorded = await appended(store, Failed(reason="Gone", message="", at=NOW))
    assert [event async for event in store.read_stream(STREAM)] == recorded
    assert [event async for event in store.read_all(after=0)] == recorded
    assert await store.head() == recorded[-1].position
    async for item in store.subscribe_all(after=0):
        assert item == recorded[0]
        break


async def test_appends_are_timed_and_their_events_counted() -> None:
    metrics = Metrics()
    await appended(
        measured_store(metrics),
        ProvisioningStarted(revision=1, deadline=NOW, at=NOW),
        BecameReady(revision=1, endpoint="", isolation="", at=NOW + timedelta(seconds=3)),
    )
    assert value(metrics, "lab_append_seconds_count") == 1
    assert value(metrics, "lab_events_total") == 2
    assert value(metrics, "lab_provisioning_seconds_sum") == 3


async def test_retries_and_failures_are_counted_by_reason() -> None:
    metrics = Metrics()
    failure = ProvisioningFailed(
        revision=1, reason="Timeout", message="", retries=1, next_retry_at=NOW, at=NOW
    )
    await appended(
        measured_store(metrics), failure, Failed(reason="RetriesExhausted", message="", at=NOW)
    )
    assert value(metrics, "lab_retries_total", {"reason": "Timeout"}) == 1
    assert value(metrics, "lab_failures_total", {"reason": "RetriesExhausted"}) == 1


async def test_a_conflict_is_counted_and_still_raised() -> None:
    metrics = Metrics()
    events: list[NewEvent] = new_events(Failed(reason="Gone", message="", at=NOW))
    with pytest.raises(StreamConflict):
        await measured_store(metrics).append(STREAM, events, expected=Tip(7, "x"))
    assert value(metrics, "lab_append_failures_total", {"error": "StreamConflict"}) == 1
    assert value(metrics, "lab_append_seconds_count") == 0


async def test_the_lag_is_what_was_appended_and_not_projected() -> None:
    metrics = Metrics()
    positions = Positions(metrics)
    store = MeasuredEventStore(MemoryEventStore(SystemClock()), metrics, positions)
    read_model: ReadModel = MeasuredReadModel(MemoryReadModel(), metrics, positions)
    recorded = await appended(store, Failed(reason="Gone", message="", at=NOW))
    assert value(metrics, "lab_projection_lag") == recorded[-1].position
    await read_model.apply((), position=recorded[-1].position)
    assert value(metrics, "lab_projection_lag") == 0
    assert value(metrics, "lab_projection_seconds_count") == 1
    assert value(metrics, "lab_view_write_seconds_count") == 1
    assert await read_model.position() == recorded[-1].position


async def test_the_watcher_is_compared_with_what_was_appended() -> None:
    metrics = Metrics()
    positions = Positions(metrics)
    positions.follow_watcher(lambda: 3)
    positions.appended(10)
    assert value(metrics, "lab_watcher_lag") == 7


async def test_a_provisioner_call_is_timed_by_how_it_ended() -> None:
    metrics = Metrics()
    provisioner: Provisioner = MeasuredProvisioner(BrokenProvisioner(), metrics)
    with pytest.raises(ProvisionerUnavailable):
        await provisioner.observe("uid")
    await provisioner.list()
    labels = {"call": "observe", "outcome": "unavailable"}
    assert value(metrics, "lab_provisioner_call_seconds_count", labels) == 1
    labels = {"call": "list", "outcome": "ok"}
    assert value(metrics, "lab_provisioner_call_seconds_count", labels) == 1
    assert provisioner.name == "broken"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (CommandOutcome(view=None, position=1, changed=True), "changed"),
        (CommandOutcome(view=None, position=1, changed=False), "unchanged"),
        (LabInstanceNotFound("default", "one"), "refused"),
        (StreamConflict(STREAM, 1, 2), "conflict"),
        (RuntimeError("the world"), "failed"),
    ],
)
async def test_every_command_is_counted_by_how_it_ended(
    result: LabOutcome | Exception, outcome: str
) -> None:
    metrics = Metrics()
    measure = MeasureCommand(metrics)

    async def handler(command: LabInstanceCommand, context: RequestContext) -> LabOutcome:
        if isinstance(result, Exception):
            raise result
        return result

    for behaviour in (measure, log_command):
        if isinstance(result, Exception):
            with pytest.raises(type(result)):
                await behaviour(COMMAND, CONTEXT, handler)
        else:
            assert await behaviour(COMMAND, CONTEXT, handler) is result
    labels = {"command": "RetryLabInstance", "outcome": outcome}
    assert value(metrics, "lab_commands_total", labels) == 1
    assert value(metrics, "lab_command_seconds_count") == 1


def test_reports_of_the_control_loops_are_counted() -> None:
    metrics = Metrics()
    control = ControlMetrics(metrics)
    observer: ControlObserver = control
    observer.reconciled(LAB, TurnOutcome.DONE, 0.1)
    observer.pass_finished(0.2)
    observer.corrected("ReportDrift")
    control.follow(
        queue_depth=lambda: 4,
        circuit=lambda: BreakerState.OPEN,
        shards=lambda: 3,
        unknown=lambda: 2,
    )
    assert value(metrics, "lab_controller_seconds_count", {"outcome": "done"}) == 1
    assert value(metrics, "lab_reconcile_seconds_count") == 1
    assert value(metrics, "lab_corrections_total", {"kind": "ReportDrift"}) == 1
    assert value(metrics, "lab_queue_depth") == 4
    assert value(metrics, "lab_shards_held") == 3
    assert value(metrics, "lab_unknown_labs") == 2
    assert value(metrics, "lab_circuit_state") == 2


class Counting(MemoryReadModel):
    """Counts labs as told, or fails; remembers how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.fails = False

    async def count_by_state(self) -> Mapping[LabState, int]:
        self.asked += 1
        if self.fails:
            raise ReadModelUnavailable("away")
        return {LabState.READY: 3}


async def test_a_scrape_tells_labs_by_state_and_asks_rarely() -> None:
    read_model = Counting()
    exposition = Exposition(Metrics(), read_model, in_step)
    text = (await exposition.text()).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    told = {sample.labels["state"]: sample.value for sample in families["lab_instances"].samples}
    assert told == {"pending": 0, "provisioning": 0, "ready": 3, "deleting": 0, "failed": 0}
    assert "process_resident_memory_bytes" in families
    await exposition.text()
    assert read_model.asked == 1


async def test_a_read_model_that_is_away_does_not_spoil_a_scrape() -> None:
    read_model = Counting()
    read_model.fails = True
    exposition = Exposition(Metrics(), read_model, in_step)
    assert b'lab_instances{state="ready"} 0' in await exposition.text()
    read_model.fails = False
    assert b'lab_instances{state="ready"} 3' in await exposition.text()


async def in_step() -> timedelta:
    return timedelta(0)


async def test_a_log_ahead_of_the_clock_is_exposed_in_seconds() -> None:
    async def ahead() -> timedelta:
        return timedelta(days=400)

    text = await Exposition(Metrics(), MemoryReadModel(), ahead).text()
    assert b"lab_log_ahead_seconds 3.456e+07" in text
