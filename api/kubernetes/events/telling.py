"""How Events are told: documents of either group, and the rows that kubectl prints."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from api.kubernetes.events.item import EventItem
from api.kubernetes.events.rows import COLUMNS
from api.kubernetes.kinds import Kind
from api.kubernetes.tables import age

Write = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class EventTelling:
    """Tells Events in one group, as `write` puts them."""

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
        told = item.document
        about = told.get("involvedObject") or {}
        series = told.get("series") or {}
        first = told.get("firstTimestamp") or told.get("eventTime")
        last = series.get("lastObservedTime") or told.get("lastTimestamp") or first
        source = told.get("source") or {}
        return [
            _ago(last, told, now),
            told.get("type"),
            told.get("reason"),
            f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
            about.get("fieldPath"),
            source.get("component") or told.get("reportingComponent"),
            told.get("message"),
            _ago(first, told, now),
            series.get("count") or told.get("count") or 1,
            item.name,
        ]


def _ago(moment: Any, told: Mapping[str, Any], now: datetime) -> str:
    """Since the moment; clients may write what is none, or none at all."""
    for text in (moment, told["metadata"].get("creationTimestamp")):
        with suppress(TypeError, ValueError):
            return age(datetime.fromisoformat(text), now)
    return age(None, now)
