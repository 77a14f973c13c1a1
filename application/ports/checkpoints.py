"""Where a loop that follows the log has got to."""

from typing import Protocol


class Checkpoints(Protocol):
    """One position for each named follower, kept over a restart.

    A position may be older than what the follower has handled (it then handles some events
    again), never newer.
    """

    async def load(self, name: str) -> int:
        """The position saved last; 0 when there is none. Raises EventStoreUnavailable."""

    async def save(self, name: str, position: int) -> None:
        """Remember the position, durably. Raises EventStoreUnavailable."""
