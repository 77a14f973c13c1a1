"""Signed checkpoints of the log: who signs them, where they are kept, and where else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.log_tree.checkpoint import LogCheckpoint

Sign = Callable[[LogCheckpoint], str]
"""The signed note of a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheckpoint:
    """A signed note about a log of that size; numbers grow in the order in which they came."""

    number: int
    size: int
    note: str


class AnchorFailed(Exception):
    """A note could not be brought to the place outside; the message says why, without secrets."""


class SignedCheckpoints(Protocol):
    """All that were kept, in their order. Every method raises EventStoreUnavailable."""

    async def keep(self, size: int, note: str) -> None:
        """Keep one more, durably. What was found up to here has been vouched for."""

    async def latest(self, size: int | None = None) -> KeptCheckpoint | None:
        """The one kept last, of all or of this size."""

    async def page(self, *, before: int | None, limit: int) -> Sequence[KeptCheckpoint]:
        """Those with smaller numbers (None: all), the newest first, at most so many."""


class Anchor(Protocol):
    """A place outside of what this service can change later."""

    async def bring(self, note: str) -> None:
        """Leave the note there, within seconds. Repeating it does no harm. Raises
        AnchorFailed."""
