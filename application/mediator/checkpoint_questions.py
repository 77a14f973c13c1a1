"""What can be asked about signed checkpoints of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.mediator.mediator import Query
from application.ports.signed_checkpoints import KeptCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenCheckpoint:
    """A checkpoint, and the proof that its tree begins with that of the size asked for; None
    where none was asked for, or there is none."""

    kept: KeptCheckpoint
    proof: Sequence[bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCheckpoint(Query[ProvenCheckpoint | None]):
    """The newest checkpoint, of all (None) or of that size, proven to go on from a tree of
    `proven_from` leaves, where that is not None."""

    size: int | None
    proven_from: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCheckpoints(Query[Sequence[KeptCheckpoint]]):
    """Those before a number (None: all), the newest first, at most so many."""

    before: int | None
    limit: int
