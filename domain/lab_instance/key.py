"""The address of a lab."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class LabKey:
    """Namespace and name: unique among the labs that exist now. Orders as lists are ordered."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
