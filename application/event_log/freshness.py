"""Waiting, within bounds, until the views tell what was written."""

from application.event_log.progress import Progress
from application.mediator.questions import ResourceVersionTooLarge


class Freshness:
    """Knows how far this process has written, and how far the views are."""

    def __init__(self, *, written: Progress, projected: Progress, patience: float) -> None:
        self._written = written
        self._projected = projected
        self._patience = patience

    async def caught_up(self, not_older_than: int | None) -> int:
        """Wait until the views hold all that this process has written, or what is asked for at
        least; the position they have reached. Raises ResourceVersionTooLarge."""
        wanted = self._written.position if not_older_than is None else not_older_than
        if not await self._projected.reached(wanted, within=self._patience):
            raise ResourceVersionTooLarge(wanted, self._projected.position)
        return self._projected.position
