"""Views that are there and cannot be read: who meets one goes on, and it is made anew."""

from typing import Protocol

from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey


class UnreadableViews(Protocol):
    """What a read model met and left out. Raises ReadModelUnavailable as that does."""

    async def found(self) -> LabKey:
        """A lab whose view cannot be read, as soon as one was met; while it is not replaced,
        it is named again after all others."""

    async def replace(self, key: LabKey, view: LabInstanceView | None) -> None:
        """Put this view in its place, or nothing where there is no such lab any more. A view
        that can be read stays."""

    @property
    def unreadable(self) -> tuple[LabKey, ...]:
        """Those that are known and not replaced."""
