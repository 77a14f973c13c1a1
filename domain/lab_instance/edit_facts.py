"""Facts that record what has changed in something large. Those that record the whole of it, in
`events`, were the only ones once; they are read for ever, and still record what is small."""

from dataclasses import dataclass
from datetime import datetime

from domain.lab_instance.edits import ManagersEdit, TextsEdit


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataEdited:
    """Some labels and annotations are others now, and these are the finalizers."""

    labels: TextsEdit
    annotations: TextsEdit
    finalizers: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipEdited:
    """Some look after other fields now."""

    managers: ManagersEdit
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEdited:
    """Some of the fields that clients keep in the status are others now."""

    reported: TextsEdit
    at: datetime
