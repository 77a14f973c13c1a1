"""Events as kubectl prints them, and what they are selected by."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.tables import Column, age
from api.objects.object_kind import Content
from domain.api_object.api_object import ApiObject

COLUMNS = (
    Column("Last Seen", "How long ago it happened last."),
    Column("Type", "Normal or Warning."),
    Column("Reason", "What happened, in a word."),
    Column("Object", "What it is about."),
    Column("Subobject", "Which part of it.", wide=True),
    Column("Source", "Who reported it.", wide=True),
    Column("Message", "What happened."),
    Column("First Seen", "How long ago it happened first.", wide=True),
    Column("Count", "How often it happened.", type="integer", wide=True),
    Column("Name", "The event's name.", wide=True),
)
_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def cells(api_object: ApiObject, kept: Content, now: datetime) -> Sequence[Any]:
    """The row of an event that a client wrote."""
    return row(api_object.key.name, kept, api_object.declared_at, now)


def row(name: str, event: Content, recorded_at: datetime, now: datetime) -> Sequence[Any]:
    """The row of an event in the core group's words.

    Older logs hold events whose fields have any type: such a field counts as absent, and
    `recorded_at` stands for moments that are none.
    """
    about, series = _inside(event, "involvedObject"), _inside(event, "series")
    first = event.get("firstTimestamp") or event.get("eventTime")
    last = series.get("lastObservedTime") or event.get("lastTimestamp") or first
    message = event.get("message")
    return [
        age(_time(last, recorded_at), now),
        event.get("type"),
        event.get("reason"),
        f"{str(about.get('kind') or '').lower()}/{about.get('name') or ''}",
        about.get("fieldPath"),
        _source(event),
        message.strip() if isinstance(message, str) else None,
        age(_time(first, recorded_at), now),
        series.get("count") or event.get("count") or 1,
        name,
    ]


SELECTABLE = frozenset(
    {f"{about}.{name}" for about in ("involvedObject", "regarding") for name in _ABOUT}
    | {"reason", "type", "reportingComponent", "source"}
)


def fields(_object: ApiObject, kept: Content) -> Mapping[str, str]:
    """What an event says of all that is selectable."""
    about = _inside(kept, "involvedObject")
    named = {f"involvedObject.{name}": about.get(name) for name in _ABOUT}
    regarding = {f"regarding.{name}": about.get(name) for name in _ABOUT}
    rest = {name: kept.get(name) for name in ("reason", "type", "reportingComponent")}
    fields = {**named, **regarding, **rest, "source": _source(kept)}
    return {name: "" if value is None else str(value) for name, value in fields.items()}


def _inside(kept: Content, name: str) -> Mapping[str, Any]:
    value = kept.get(name)
    return value if isinstance(value, Mapping) else {}


def _source(kept: Content) -> str | None:
    named = kept.get("reportingComponent") or _inside(kept, "source").get("component")
    return named if isinstance(named, str) else None


def _time(text: Any, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return otherwise
    return otherwise if moment.tzinfo is None else moment
