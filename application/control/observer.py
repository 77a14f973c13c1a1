"""What the loops tell whoever measures them. Measuring itself is done elsewhere."""

from enum import Enum
from typing import Protocol

from domain.lab_instance.key import LabKey


class TurnOutcome(Enum):
    """How one look at a lab ended."""

    DONE = "done"
    LOOK_AGAIN = "look-again"
    REFUSED = "refused"
    LOST_RACE = "lost-race"
    WORLD_FAILED = "world-failed"
    BUG = "bug"


class ControlObserver(Protocol):
    """Hears of what the loops do. Must neither raise nor wait."""

    def reconciled(self, key: LabKey, outcome: TurnOutcome, seconds: float) -> None:
        """A controller is through with a key."""

    def pass_finished(self, seconds: float) -> None:
        """The reconciler is through with a pass."""

    def corrected(self, kind: str) -> None:
        """The reconciler corrected something; `kind` is a command's or notification's name."""
