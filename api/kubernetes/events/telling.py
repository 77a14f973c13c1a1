"""How Events are told: documents of either group, and the rows that kubectl prints."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.events.item import EventItem
from api.kubernetes.kinds import Kind
from api.kubernetes.tables import Column, age

Write = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class EventTelling:
    """Tells Events in one group, as `write` puts them."""

    columns = (
        Column("Last Seen", "How long ago it happened last."),
        Column("Type", "Normal or Warning."),
        Column("Reason", "What happened, in a word."),
        Column("Object", "To what it happened."),
        Column("Subobject", "The part to which it happened.", wide=True),
        Column("Source", "Who tells of it.", wide=True),
        Column("Message", "What happened."),
        Column("First Seen", "How long ago it happened first.", wide=True),
        Column("Count", "How often it happened.", type="integer", wide=True),
        Column("Name", "The Event's own name.", wide=True),
    )

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
            _ago(last, now),
            told.get("type"),
            told.get("reason"),
            f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
            about.get("fieldPath"),
            source.get("component") or told.get("reportingComponent"),
            told.get("message"),
            _ago(first, now),
            series.get("count") or told.get("count") or 1,
            item.name,
        ]


def _ago(moment: Any, now: datetime) -> str:
    try:
        return age(datetime.fromisoformat(moment), now)
    except (TypeError, ValueError):
        return age(None, now)
