"""The read side's row for one lab, and how an event changes it."""

from dataclasses import dataclass

from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceView:
    """A lab as of `resource_version`: the position of the last event that changed it."""

    lab: LabInstance
    resource_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChange:
    """What one event, or all events of one command, did to one lab's view.

    `before` and `after` are None where there was, or is, no lab. `after` is None for a
    deleted lab; `deleted` then is its last state, at the position of the deletion.
    `command` is the command's id; empty where nobody knows it.
    """

    position: int
    key: LabKey
    before: LabInstanceView | None
    after: LabInstanceView | None
    deleted: LabInstanceView | None
    command: str = ""
