"""Every change of every object, to whoever watches, from any position ever."""

from functools import partial

from application.event_log.object_replay import replayed_changes
from application.ports.event_store import EventStore
from application.ports.object_views import ApiObjectChange
from application.projections.watch_feed import ChangeFeed


class ApiObjectFeed(ChangeFeed[ApiObjectChange]):
    """The feed of objects. Its positions are those of the labs' feed."""

    def __init__(self, store: EventStore, *, capacity: int, patience: float) -> None:
        """As the feed of labs."""
        replay = partial(replayed_changes, store)
        super().__init__(replay, capacity=capacity, patience=patience)
