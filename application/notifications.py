"""What loops tell each other through the mediator: that something is worth a look, never
what to do about it."""

from dataclasses import dataclass

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceChanged:
    """Something was recorded about the lab, at this position.

    `created`: it was the lab's creation, so the lab is pending.
    """

    key: LabKey
    position: int
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanFound:
    """A runtime of this uid runs, or has left files, under the lab's name; no lab owns it."""

    lab: LabKey
    uid: str
