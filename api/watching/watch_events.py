"""What a watcher is told of a change: seen through its filter, things come and go."""

from typing import Any

import msgspec

from api.http.encoding import encode
from api.kubernetes.status import Status
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView, ViewChange


class WatchEvent(msgspec.Struct, kw_only=True):
    """One line of a watch."""

    type: str
    object: Any


def seen_through(wanted: ViewFilter, change: ViewChange) -> tuple[str, LabInstanceView] | None:
    """The type of the event that a change is, and its lab; None when the watcher has nothing
    to do with it.

    A lab that stops matching is DELETED, as it last matched but with the version of the
    change; one that begins to match is ADDED.
    """
    before, after = change.before, change.after
    was_in = before is not None and wanted.matches(before.lab)
    if after is not None and wanted.matches(after.lab):
        return ("MODIFIED" if was_in else "ADDED"), after
    if not was_in or before is None:
        return None
    last = change.deleted or LabInstanceView(lab=before.lab, resource_version=change.position)
    return "DELETED", last


def line(kind: str, document: Any) -> bytes:
    """The line of an event."""
    return encode(WatchEvent(type=kind, object=document)) + b"\n"


def error(status: Status) -> bytes:
    """The line that ends a watch which cannot go on."""
    return line("ERROR", status)
