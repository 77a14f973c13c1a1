"""The command of the deletion controller that finds something in its way."""

from dataclasses import dataclass

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeletionFailure:
    """From a controller: something of the lab could not be removed and is tried again."""

    lab: LabKey
    uid: str
    reason: str
    message: str
