"""Puts together what writes the views, or follows them. Wiring only."""

from dataclasses import dataclass

from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from application.projections.object_projection import ApiObjectProjection
from application.projections.past_filling import PastFilling
from application.projections.projector import Projector
from application.projections.view_follower import ViewFollower
from application.projections.view_writer import ViewWriter
from application.projections.watch_feed import WatchFeed
from application.replicas.kept_leases import KeptLeases
from infrastructure.wiring.adapters import Adapters

_PROJECTORS_LEASE = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Projecting:
    """What both work with. `projected`: how far the views are; `recent`: labs that this process
    has written."""

    store: EventStore
    read_model: ReadModel
    feed: WatchFeed
    projected: Progress
    recent: RecentLabs
    api_objects: ApiObjectProjection


def view_writer(parts: Projecting, adapters: Adapters) -> ViewWriter:
    """The projector, where and while it is this replica's turn. Before it goes on, the index of
    the past is made as far as the views are."""
    projector = Projector(
        parts.store,
        parts.read_model,
        parts.feed,
        projected=parts.projected,
        recent=parts.recent,
        api_objects=parts.api_objects,
    )
    follower = ViewFollower(
        parts.store,
        parts.read_model,
        parts.feed,
        projected=parts.projected,
        api_objects=parts.api_objects,
    )
    filling = PastFilling(parts.store, parts.read_model, adapters.past_index, parts.projected)

    async def project() -> None:
        await filling.run()
        await projector.run()

    kept = KeptLeases(adapters.leases, holder=adapters.replica, seconds=_PROJECTORS_LEASE)
    return ViewWriter(kept, project=project, follow=follower.run)
