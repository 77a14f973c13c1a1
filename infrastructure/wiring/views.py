"""The views put together: one replica writes them, the others follow."""

from dataclasses import dataclass

from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from application.projections.object_projection import ApiObjectProjection
from application.projections.projector import Projector
from application.projections.view_follower import ViewFollower
from application.projections.view_writer import ViewWriter
from application.projections.watch_feed import WatchFeed
from application.replicas.kept_leases import KeptLeases
from infrastructure.wiring.adapters import Adapters

_LEASE = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSide:
    """What the projector, or who follows it, works with."""

    store: EventStore
    read_model: ReadModel
    feed: WatchFeed
    projected: Progress
    recent: RecentLabs

    def writer(self, adapters: Adapters, api_objects: ApiObjectProjection) -> ViewWriter:
        """The projector, where and while it is this replica's turn."""
        projector = Projector(
            self.store,
            self.read_model,
            self.feed,
            projected=self.projected,
            recent=self.recent,
            api_objects=api_objects,
        )
        follower = ViewFollower(
            self.store,
            self.read_model,
            self.feed,
            projected=self.projected,
            api_objects=api_objects,
        )
        kept = KeptLeases(adapters.leases, holder=adapters.replica, seconds=_LEASE)
        return ViewWriter(kept, project=projector.run, follow=follower.run)
