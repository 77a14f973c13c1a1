"""What loops publish to each other through the mediator: that something is worth a look, never
what to do about it."""

from dataclasses import dataclass

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceChanged:
    """Something was recorded about the lab, at this position.

    `created`: the lab's uid, if it was its creation, so that the lab is pending.
    """

    key: LabKey
    position: int
    created: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanFound:
    """A runtime of this uid runs, or has left files, under the lab's name; no lab owns it, or
    the lab that does runs elsewhere now."""

    lab: LabKey
    uid: str
