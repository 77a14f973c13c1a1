"""Events and contexts that the tests of the metrics speak of."""

from datetime import UTC, datetime
from uuid import UUID

from application.mediator.mediator import RequestContext
from application.ports.event_store import NewEvent
from domain.lab_instance.events import LabInstanceEvent

STREAM = "labinstance-default/one"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT = RequestContext(
    command_id=UUID(int=1),
    correlation_id="story",
    causation_id="",
    actor="tester",
    user_agent="",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    repeatable=False,
)


def new_events(*events: LabInstanceEvent) -> list[NewEvent]:
    """The events, ready to be appended."""
    return [
        NewEvent(id=UUID(int=number), event=event, metadata={})
        for number, event in enumerate(events, 1)
    ]
