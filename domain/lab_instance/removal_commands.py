"""What controllers record of what they remove, and of what they cannot remove yet."""

from dataclasses import dataclass

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeletionFailure:
    """From a controller: something of the lab could not be removed and is tried again."""

    lab: LabKey
    uid: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrphanTermination:
    """From a controller: a runtime that no lab owned has been removed."""

    lab: LabKey
    uid: str
    proof: str
