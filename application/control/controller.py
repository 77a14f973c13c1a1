"""The contract between a control loop and its controllers."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from application.ports.event_store import RecordedEvent
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance


@dataclass(frozen=True, slots=True)
class LookAgainAt:
    """The lab wants to be looked at again at this time, if nothing happens before."""

    at: datetime


class Reload(Enum):
    """Something was recorded or done: read the lab afresh and go on."""

    RELOAD = "reload"


RELOAD = Reload.RELOAD

Turn = LookAgainAt | Reload | None
"""How one step ended; None means that only a new event calls for more."""


class Controller(Protocol):
    """Brings one lab nearer to what was declared. Gets a key, never an event."""

    async def reconcile(self, key: LabKey) -> LookAgainAt | None:
        """Read the lab afresh and do what it needs now. Harmless at any time, any number of
        times; never called for one key twice at once. Raises what went wrong."""


class StateController(Protocol):
    """Takes the single steps of the labs in the states it owns."""

    async def take_step(self, lab: LabInstance, cause: RecordedEvent | None) -> Turn:
        """Take one step with a lab just read, whose last event is `cause`."""
