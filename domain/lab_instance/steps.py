"""The steps that policy may call for; controllers carry them out."""

from dataclasses import dataclass
from datetime import datetime

from domain.lab_instance.commands import LabInstanceCommand


@dataclass(frozen=True, slots=True)
class Send:
    """Record this, then look again."""

    command: LabInstanceCommand


@dataclass(frozen=True, slots=True)
class StartRuntime:
    """Have the provisioner ensure runtime number `revision`, then look again."""

    revision: int


@dataclass(frozen=True, slots=True)
class StopRuntime:
    """Have the provisioner terminate what runs but keep its files, then look again."""


@dataclass(frozen=True, slots=True)
class RemoveRuntime:
    """Have the provisioner terminate and remove everything, then send CompleteDeletion with
    the proof it gave."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Something is under way in the world: look again soon, until `deadline` at the latest."""

    deadline: datetime


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing to do before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing to do until something is recorded or seen."""


Step = Send | StartRuntime | StopRuntime | RemoveRuntime | LookAgain | WaitUntil | Settled
