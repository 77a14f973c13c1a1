"""Stores that take what is new, as long as a test says so."""

from application.ports.event_store import EventStoreUnavailable


class Writing:
    """Called as a probe of writing is; `trouble` says what it meets."""

    def __init__(self) -> None:
        self.trouble = ""

    async def __call__(self) -> None:
        """Raises EventStoreUnavailable while there is a trouble."""
        if self.trouble:
            raise EventStoreUnavailable(self.trouble)
