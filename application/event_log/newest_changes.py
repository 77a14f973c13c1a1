"""What counts when one batch of changes holds several of the same lab."""

from collections.abc import Iterable, Mapping

from application.ports.views import LabChange
from domain.lab_instance.key import LabKey


def newest_of_each(changes: Iterable[LabChange]) -> Mapping[LabKey, LabChange]:
    """For each lab its change of the highest position, wherever it stands in the batch."""
    newest: dict[LabKey, LabChange] = {}
    for change in changes:
        known = newest.setdefault(change.key, change)
        if known.position < change.position:
            newest[change.key] = change
    return newest
