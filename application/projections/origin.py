"""Which log the views are of: the one that begins with a certain event, and no other."""

from application.event_log.closing import closing_early
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import ForeignReadModel, ReadModel


def origin_of(first: RecordedEvent) -> str:
    """The name of the log that begins with this event. A copy of a log elsewhere has the same
    ids, but positions of its own or other times, and so another name."""
    return f"{first.id} at {first.position}, {first.recorded_at.isoformat()}"


async def claim_views(store: EventStore, read_model: ReadModel) -> bool:
    """Note that the views are of this log; False while the log is empty and the views too.

    Raises ForeignReadModel when they are of another one, and what store and views raise.
    """
    async with closing_early(store.read_all(after=0)) as log:
        async for first in log:
            await read_model.claim(origin_of(first))
            return True
    if await read_model.position() > 0:
        raise ForeignReadModel
    return False
