"""An Event, wherever it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EventItem:
    """An Event as of a position: its document, as the core group writes it."""

    position: int
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its own name."""
        return str(self.document["metadata"]["name"])

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded first."""
        return datetime.fromisoformat(self.document["metadata"]["creationTimestamp"])

    def as_of(self, position: int) -> "EventItem":
        """The same with another position, for a removal."""
        metadata = {**self.document["metadata"], "resourceVersion": str(position)}
        return EventItem(position, {**self.document, "metadata": metadata})


@dataclass(frozen=True, slots=True)
class EventChange:
    """What happened to an Event at a position; None where there was, or is, none."""

    position: int
    before: EventItem | None
    after: EventItem | None
