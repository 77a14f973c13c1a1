"""Up to where the past goes that somebody asks for."""

from collections.abc import Callable
from typing import assert_never

from application.mediator.questions import (
    AtPosition,
    AtTime,
    ResourceVersionExpired,
    ResourceVersionTooLarge,
)
from application.ports.event_store import EventStore, RecordedEvent

Reached = Callable[[RecordedEvent], bool]
"""Says of an event whether it still belongs to the past asked for."""


async def require_kept(store: EventStore, position: int) -> None:
    """Raise ResourceVersionExpired for a position of a time line that the log has left."""
    if await store.is_lost(position):
        raise ResourceVersionExpired(position)


async def require_reached(store: EventStore, position: int) -> None:
    """Raise ResourceVersionExpired, or ResourceVersionTooLarge for one that is yet to come."""
    await require_kept(store, position)
    head = await store.head()
    if position > head:
        raise ResourceVersionTooLarge(position, head)


async def until(store: EventStore, past: AtPosition | AtTime) -> Reached:
    """Which events belong to it. Raises as `require_reached` does."""
    match past:
        case AtPosition(position=position):
            await require_reached(store, position)
            return lambda recorded: recorded.position <= position
        case AtTime(time=time):
            return lambda recorded: recorded.recorded_at <= time
        case _:
            assert_never(past)
