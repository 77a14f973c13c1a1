"""The desired side of a lab."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.lab_instance.duration import parse_duration

PERSONAL_DATA = {"personal_data": True}
"""Field metadata that marks what must never reach logs, arguments or error texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceSpec:
    """The desired lab. `duration` is kept as it was written, so that it reads back the same."""

    template: str
    duration: str
    student_email: str = field(metadata=PERSONAL_DATA)
    environment: Mapping[str, str]

    @property
    def lifetime(self) -> timedelta:
        """How long the lab lives from its first being ready, extensions apart."""
        return parse_duration(self.duration)

    def runs_like(self, other: "LabInstanceSpec") -> bool:
        """Whether a runtime started for `other` also serves this spec."""
        return self.template == other.template and self.environment == other.environment
