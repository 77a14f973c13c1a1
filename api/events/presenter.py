"""The presenter of Events: documents of either group, and the rows that kubectl prints."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.events.item import EventItem
from api.events.rows import COLUMNS, row
from api.kubernetes.kinds import Kind

Write = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class EventPresenter:
    """Presents Events in one group, as `write` puts them."""

    columns = COLUMNS

    def __init__(self, kind: Kind, write: Write) -> None:
        self.kind = kind
        self._write = write

    def document(self, item: EventItem) -> Any:
        """The Event."""
        return self._write(item.document)

    def metadata(self, item: EventItem) -> Any:
        """Its metadata."""
        return item.document["metadata"]

    def version(self, item: EventItem) -> str:
        """The position that it is as of."""
        return str(item.position)

    def cells(self, item: EventItem, now: datetime) -> Sequence[Any]:
        """Its row."""
        return row(item.name, item.document, item.recorded_at, now)
