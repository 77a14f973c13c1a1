"""Makes single views anew, which the read model can no longer read."""

import logging

from application.event_log.labs import LABS
from application.event_log.replay import view_when
from application.ports.event_store import EventStore
from application.ports.unreadable_views import UnreadableViews

log = logging.getLogger(__name__)


class ViewMender:
    """Folds each lab whose view is unreadable from the log, and writes that view."""

    def __init__(self, store: EventStore, views: UnreadableViews) -> None:
        self._store = store
        self._views = views

    async def run(self) -> None:
        """Mend for ever. Raises what the store and the read model raise; run again then."""
        while True:
            key = await self._views.found()
            view = await view_when(LABS, self._store, key, lambda _: True)
            await self._views.replace(key, view)
            log.warning("an unreadable view was made anew", extra={"lab": str(key)})
