"""Up to where the past goes that somebody asks for."""

from collections.abc import Callable
from typing import assert_never

from application.mediator.questions import AtPosition, AtTime, ResourceVersionTooLarge
from application.ports.event_store import EventStore, RecordedEvent

Reached = Callable[[RecordedEvent], bool]
"""Says of an event whether it still belongs to the past asked for."""


async def until(store: EventStore, past: AtPosition | AtTime) -> Reached:
    """Which events belong to it. Raises ResourceVersionTooLarge for a position in the future."""
    match past:
        case AtPosition(position=position):
            head = await store.head()
            if position > head:
                raise ResourceVersionTooLarge(position, head)
            return lambda recorded: recorded.position <= position
        case AtTime(time=time):
            return lambda recorded: recorded.recorded_at <= time
        case _:
            assert_never(past)
