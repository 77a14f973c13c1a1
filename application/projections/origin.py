"""Which log the views are of: the one that begins with a certain event, and no other."""

from application.event_log.closing import closing_early
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import ForeignReadModel, ReadModel, ViewsAhead


def origin_of(first: RecordedEvent) -> str:
    """The name of the log that begins with this event. A copy of a log elsewhere has the same
    ids, but positions of its own or other times, and so another name."""
    return f"{first.id} at {first.position}, {first.recorded_at.isoformat()}"


async def origin_of_log(store: EventStore) -> str | None:
    """The name of the log that the store holds; None while it is empty."""
    async with closing_early(store.read_all(after=0)) as log:
        async for first in log:
            return origin_of(first)
    return None


async def claim_views(store: EventStore, read_model: ReadModel) -> bool:
    """Note that the views are of this log; False while the log is empty and the views too.

    Raises ForeignReadModel when they are of another one, ViewsAhead when they are of more than
    it holds, and what store and views raise.
    """
    if origin := await origin_of_log(store):
        await read_model.claim(origin)
        await _refuse_ahead(store, read_model)
        return True
    if await read_model.position() > 0:
        raise ForeignReadModel
    return False


async def _refuse_ahead(store: EventStore, read_model: ReadModel) -> None:
    """The position is read first: meanwhile the log may only have grown. One that was set back may
    have gone on past it: then no event of the log has that position."""
    position = await read_model.position()
    head = await store.head()
    if position > head or await store.is_lost(position):
        raise ViewsAhead(position, head)
