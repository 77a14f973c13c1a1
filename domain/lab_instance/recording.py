"""Which fact records a change: the whole of what is small, of what is large only the difference,
so that the log grows by what was changed and not by what there is."""

from collections.abc import Mapping
from datetime import datetime

from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.edits import (
    Managers,
    are_few,
    are_small,
    edit_of_managers,
    edit_of_texts,
    edited_managers,
)
from domain.lab_instance.events import MetadataChanged, OwnershipRecorded, StatusReported
from domain.lab_instance.lab_instance import LabInstance


def metadata_fact(lab: LabInstance, after: MetadataChanged) -> MetadataChanged | MetadataEdited:
    """The fact that leads from the lab's metadata to that of `after`."""
    if are_small(after.labels) and are_small(after.annotations):
        return after
    return MetadataEdited(
        labels=edit_of_texts(lab.labels, after.labels),
        annotations=edit_of_texts(lab.annotations, after.annotations),
        finalizers=after.finalizers,
        at=after.at,
    )


def ownership_fact(
    before: Managers, after: Managers, at: datetime
) -> OwnershipRecorded | OwnershipEdited:
    """The fact that leads from the managers before to those after it."""
    edit = edit_of_managers(before, after)
    if are_few(after) or edited_managers(before, edit) != after:
        return OwnershipRecorded(managers=after, at=at)
    return OwnershipEdited(managers=edit, at=at)


def status_fact(
    before: Mapping[str, str], after: Mapping[str, str], at: datetime
) -> StatusReported | StatusEdited:
    """The fact that leads from what was reported before to what is now."""
    if are_small(after):
        return StatusReported(reported=after, at=at)
    return StatusEdited(reported=edit_of_texts(before, after), at=at)
