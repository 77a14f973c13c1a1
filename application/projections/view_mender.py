"""Makes single views anew, which the read model can no longer read."""

import asyncio
import logging

from application.event_log.labs import LABS
from application.event_log.replay import view_when
from application.ports.event_store import EventStore
from application.ports.outages import OUTAGES
from application.ports.unreadable_views import UnreadableViews
from domain.lab_instance.key import LabKey

log = logging.getLogger(__name__)


class ViewMender:
    """Folds each lab whose view is unreadable from the log, and writes that view.

    A lab that cannot be folded keeps no other waiting: it is tried again, `rest` seconds after
    all that are left have failed.
    """

    def __init__(self, store: EventStore, views: UnreadableViews, *, rest: float) -> None:
        self._store = store
        self._views = views
        self._rest = rest

    async def run(self) -> None:
        """Mend for ever. Raises OUTAGES; run again then."""
        failed: set[LabKey] = set()
        while True:
            key = await self._views.found()
            if key in failed:
                await asyncio.sleep(self._rest)
                failed.clear()
            try:
                await self._mend(key)
            except OUTAGES:
                raise
            except Exception:
                failed.add(key)
                log.exception("an unreadable view cannot be made anew", extra={"lab": str(key)})

    async def _mend(self, key: LabKey) -> None:
        view = await view_when(LABS, self._store, key, lambda _: True)
        await self._views.replace(key, view)
        log.warning("an unreadable view was made anew", extra={"lab": str(key)})
