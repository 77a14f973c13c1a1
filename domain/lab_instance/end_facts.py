"""What ends a lab, and what ends what it left behind. Facts: never changed, never taken back."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The lab's time was up."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRequested:
    """Deletion was requested, for the reason named."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionResumed:
    """The reconciler found the deletion stuck and called for it again."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionHindered:
    """Something of the lab cannot be removed, at least now; it is tried again."""

    reason: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The lab is deleted. `proof`: how the absence of its runtime was established. `left_behind`:
    what was not cleaned up; empty unless an administrator abandoned the lab."""

    proof: str
    left_behind: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanTerminated:
    """Something ran under this name that no lab owned, and was removed."""

    uid: str
    proof: str
    at: datetime


End = Expired | DeletionRequested | DeletionResumed | DeletionHindered | Deleted | OrphanTerminated
"""What ends a lab."""
