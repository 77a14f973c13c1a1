"""Bounded waits until the views hold what was written."""

from application.event_log.past import require_kept
from application.event_log.progress import Progress
from application.mediator.questions import Latest, ResourceVersionTooLarge
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel, ReadModelUnavailable

_HEARSAY_IS_BELIEVED_AFTER = 0.2
"""Seconds: who said so may be gone, and views that move disprove it."""


class Freshness:
    """Knows how far this process has written, and how far the views are."""

    def __init__(
        self,
        store: EventStore,
        read_model: ReadModel,
        *,
        written: Progress,
        projected: Progress,
        patience: float,
    ) -> None:
        """Waits `patience` seconds at most."""
        self._store = store
        self._read_model = read_model
        self._written = written
        self._projected = projected
        self._patience = patience

    async def caught_up(self, latest: Latest) -> int:
        """Wait until the views hold all that this process has written, or what is asked for at
        least; the position they have reached. Raises ResourceVersionTooLarge,
        ResourceVersionExpired, and ReadModelUnavailable, soon, rather than reporting views that
        are down as late."""
        asked = latest.not_older_than
        if asked:
            await require_kept(self._store, asked)
        wanted = self._written.position if asked is None else asked
        promptly = self._patience / 5
        if self._projected.hearsay:
            promptly = min(promptly, _HEARSAY_IS_BELIEVED_AFTER)
        if self._projected.hindrance:
            promptly = 0.0
        if not await self._projected.reached(wanted, within=promptly):
            self._refuse_what_is_hindered()
            await self._read_model.position()
            if not await self._projected.reached(wanted, within=self._patience - promptly):
                self._refuse_what_is_hindered()
                raise ResourceVersionTooLarge(wanted, self._projected.position)
        return self._projected.position

    def _refuse_what_is_hindered(self) -> None:
        hindrance = self._projected.hindrance or self._projected.hearsay
        if hindrance:
            raise ReadModelUnavailable(hindrance)
