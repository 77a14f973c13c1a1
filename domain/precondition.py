"""What the sender of a command had in mind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """What must be true of the lab or the object for a command to apply; None asks nothing."""

    uid: str | None
    resource_version: int | None


ANY = Precondition(uid=None, resource_version=None)
