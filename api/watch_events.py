"""What a watcher is told of a change: seen through its filter, things come and go."""

from collections.abc import Mapping

import msgspec

from api.documents import BookmarkDocument, BookmarkMetadata, LabInstanceDocument
from api.rendering import document_of, encode
from api.status import API_VERSION, Status
from application.selectors import ViewFilter
from application.views import LabInstanceView, ViewChange

_INITIAL_EVENTS_END: Mapping[str, str] = {"k8s.io/initial-events-end": "true"}


class WatchEvent(msgspec.Struct, kw_only=True):
    """One line of a watch."""

    type: str
    object: LabInstanceDocument | BookmarkDocument | Status


def added(view: LabInstanceView) -> bytes:
    """The line that says: this lab is one of those watched."""
    return _line("ADDED", document_of(view))


def seen_through(wanted: ViewFilter, change: ViewChange) -> bytes | None:
    """The line for a change; None when the watcher has nothing to do with it.

    A lab that stops matching is DELETED, as it last matched but with the version of the
    change; one that begins to match is ADDED.
    """
    before, after = change.before, change.after
    was_in = before is not None and wanted.matches(before.lab)
    if after is not None and wanted.matches(after.lab):
        return _line("MODIFIED" if was_in else "ADDED", document_of(after))
    if not was_in or before is None:
        return None
    last = change.deleted or LabInstanceView(lab=before.lab, resource_version=change.position)
    return _line("DELETED", document_of(last))


def bookmark(position: int, *, initial_events_end: bool = False) -> bytes:
    """The line that says: you have seen everything up to this position."""
    metadata = BookmarkMetadata(
        resource_version=str(position),
        annotations=_INITIAL_EVENTS_END if initial_events_end else None,
    )
    return _line("BOOKMARK", BookmarkDocument(api_version=API_VERSION, metadata=metadata))


def error(status: Status) -> bytes:
    """The line that ends a watch which cannot go on."""
    return _line("ERROR", status)


def _line(kind: str, document: LabInstanceDocument | BookmarkDocument | Status) -> bytes:
    return encode(WatchEvent(type=kind, object=document)) + b"\n"
