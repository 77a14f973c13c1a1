"""An Event, wherever it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class EventChange:
    """What a watcher sees: ADDED, MODIFIED or DELETED."""

    type: str
    item: EventItem
