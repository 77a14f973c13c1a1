"""What a provisioner sees of one lab's runtime."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing of it runs. Files of a runtime stopped before may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    """Runtime number `revision` runs but does not answer yet."""

    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Runtime number `revision` answers at `endpoint`."""

    revision: int
    endpoint: str
    isolation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Runtime number `revision` is there no more, or no longer answers; it may have left
    things behind. `reason` is one CamelCase word, `message` a sentence for people."""

    revision: int
    reason: str
    message: str


Observation = Absent | Starting | Running | Ended
