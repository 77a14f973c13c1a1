"""Where a loop that follows the log has got to."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A position, and the origin of the one log in which it means anything."""

    position: int
    origin: str


class Checkpoints(Protocol):
    """One checkpoint for each named follower, kept over a restart.

    A position may be older than what the follower has handled (it then handles some events
    again), never newer.
    """

    async def load(self, name: str) -> Checkpoint | None:
        """The one saved last; None when there is none. One that a former version of this
        program saved has an empty origin. Raises EventStoreUnavailable."""

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Remember it, durably. Raises EventStoreUnavailable."""
