"""Which positions somebody may ask for."""

from application.mediator.questions import (
    ResourceVersionExpired,
    ResourceVersionTooLarge,
)
from application.ports.event_store import EventStore


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
