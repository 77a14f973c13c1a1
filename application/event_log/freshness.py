"""Waiting, within bounds, until the views hold what was written."""

from application.event_log.progress import Progress
from application.mediator.questions import Latest, ResourceVersionTooLarge
from application.ports.read_model import ReadModel


class Freshness:
    """Knows how far this process has written, and how far the views are."""

    def __init__(
        self, read_model: ReadModel, *, written: Progress, projected: Progress, patience: float
    ) -> None:
        """Waits `patience` seconds at most."""
        self._read_model = read_model
        self._written = written
        self._projected = projected
        self._patience = patience

    async def caught_up(self, latest: Latest) -> int:
        """Wait until the views hold all that this process has written, or what is asked for at
        least; the position they have reached. Raises ResourceVersionTooLarge, and
        ReadModelUnavailable rather than reporting views that are down as late."""
        asked = latest.not_older_than
        wanted = self._written.position if asked is None else asked
        promptly = self._patience / 5
        if not await self._projected.reached(wanted, within=promptly):
            await self._read_model.position()
            if not await self._projected.reached(wanted, within=self._patience - promptly):
                raise ResourceVersionTooLarge(wanted, self._projected.position)
        return self._projected.position
