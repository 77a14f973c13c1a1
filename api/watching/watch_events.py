"""The lines of a watch."""

from typing import Any

import msgspec

from api.http.encoding import encode
from api.kubernetes.status import Status


class WatchEvent(msgspec.Struct, kw_only=True):
    """One line of a watch."""

    type: str
    object: Any


def line(kind: str, document: Any) -> bytes:
    """The line of an event."""
    return encode(WatchEvent(type=kind, object=document)) + b"\n"


def error(status: Status) -> bytes:
    """The line that ends a watch which cannot go on."""
    return line("ERROR", status)
