"""Labs, events and a clock for the contract suites of the stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from application.event_log.labs import next_view
from application.ports.event_store import EMPTY, EventStore, NewEvent, RecordedEvent, Tip
from application.ports.views import LabChange, LabInstanceView, ViewChange
from domain.lab_instance.end_facts import Deleted, DeletionRequested
from domain.lab_instance.events import (
    BecameReady,
    Failed,
    LabInstanceCreated,
    LabInstanceEvent,
    ProvisioningStarted,
    RestartRequested,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
_IDS = UUID("5b0e51c4-5be1-4f3a-8a4e-6f0f0c1a7a11")


@dataclass
class SettableClock:
    """A clock that stands still until somebody sets it, forward or back."""

    at: datetime = field(default=NOON)

    def now(self) -> datetime:
        return self.at


def created(
    name: str,
    *,
    namespace: str = "class-a",
    template: str = "python-basics",
    student: str = "ada@example.org",
    labels: Mapping[str, str] | None = None,
    uid: str | None = None,
) -> LabInstanceCreated:
    spec = LabInstanceSpec(
        template=template, duration="60m", student_email=student, environment={"COURSE": "py1"}
    )
    return LabInstanceCreated(
        lab=LabKey(namespace, name),
        uid=uid or f"uid-of-{namespace}-{name}",
        spec=spec,
        labels=labels or {},
        annotations={},
        finalizers=(),
        at=NOON,
    )


STARTED = ProvisioningStarted(revision=1, deadline=NOON + timedelta(minutes=5), at=NOON)
READY = BecameReady(revision=1, endpoint="http://127.0.0.1:9", isolation="full", at=NOON)
FAILED = Failed(reason="Broken", message="it broke", at=NOON)
GOING = DeletionRequested(reason="user", at=NOON)
GONE = Deleted(proof="nothing runs", left_behind=(), at=NOON)
RESTARTED = RestartRequested(at=NOON)


def new(event: LabInstanceEvent = RESTARTED, **metadata: str) -> NewEvent:
    return NewEvent(id=uuid4(), event=event, metadata=metadata or {"actor": "tester"})


def numbered(number: int) -> NewEvent:
    """The same event under the same id every time it is asked for."""
    return NewEvent(id=uuid5(_IDS, str(number)), event=RESTARTED, metadata={"n": str(number)})


def tip_after(recorded: Sequence[RecordedEvent]) -> Tip:
    return Tip(recorded[-1].version, recorded[-1].metadata["hash"]) if recorded else EMPTY


async def append_numbered(store: EventStore, stream: str, count: int) -> list[RecordedEvent]:
    """Streams of `count` events, stored one append at a time."""
    recorded: list[RecordedEvent] = []
    for number in range(1, count + 1):
        recorded += await store.append(stream, [numbered(number)], expected=tip_after(recorded))
    return recorded


async def everything(store: EventStore) -> list[RecordedEvent]:
    """The whole log."""
    return [recorded async for recorded in store.read_all(after=0)]


def view_of(
    *events: LabInstanceEvent, position: int, before: LabInstanceView | None = None
) -> LabInstanceView:
    """The view that the events lead to, as of `position`."""
    view = before
    for event in events:
        view = next_view(view, _recorded(event, position))
    assert view is not None
    return view


def change(*events: LabInstanceEvent, position: int) -> LabChange:
    """The last event of a lab's history, as the projector tells it."""
    before = view_of(*events[:-1], position=position - 1) if events[:-1] else None
    now = view_of(events[-1], position=position, before=before)
    gone = isinstance(events[-1], Deleted)
    return ViewChange(
        position=position,
        key=now.lab.key,
        before=before,
        after=None if gone else now,
        deleted=now if gone else None,
    )


def _recorded(event: LabInstanceEvent, position: int) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream="",
        version=1,
        id=_IDS,
        type="",
        event=event,
        metadata={},
        recorded_at=NOON,
    )
