"""Makes single views anew, which the read model can no longer read."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Generic, TypeVar

from application.event_log.category import Category
from application.event_log.replay import view_when
from application.ports.event_store import EventStore
from application.ports.outages import OUTAGES
from application.ports.unreadable_views import UnreadableViews
from application.ports.views import Weighed
from domain.lab_instance.key import LabKey

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)
log = logging.getLogger(__name__)

_LAST = 2**63 - 1


class ViewMender(Generic[K, V]):
    """Folds what has an unreadable view from the log, and writes that view.

    What cannot be folded keeps nothing else waiting: it is tried again, `rest` seconds after
    all that are left have failed.
    """

    def __init__(
        self,
        category: Category[K, V],
        store: EventStore,
        views: UnreadableViews[K, V],
        *,
        rest: float,
    ) -> None:
        self._category = category
        self._store = store
        self._views = views
        self._rest = rest

    async def run(self) -> None:
        """Mend for ever. Raises OUTAGES; run again then."""
        failed: set[K] = set()
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
                log.exception("an unreadable view cannot be made anew", extra=_named(key))

    async def _mend(self, key: K) -> None:
        view = await view_when(self._category, self._store, key, upto=_LAST, first_version=1)
        await self._views.replace(key, view)
        log.warning("an unreadable view was made anew", extra=_named(key))


def _named(key: object) -> Mapping[str, str]:
    return {"lab" if isinstance(key, LabKey) else "object": str(key)}
