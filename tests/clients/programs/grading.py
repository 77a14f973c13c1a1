"""An operator made with kopf: it grades the labs that are labelled for it. Each handler's result
becomes a field of the lab's status; that it was called is told in a line of the output."""

import json
import os
import sys
from typing import Any

import kopf

KIND = ("lab.neuroglia.com", "v1", "labinstances")
OURS = {"operated": "yes"}


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Let the service close each watch after a second; begin with a watch if that is wanted."""
    settings.watching.server_timeout = 1
    settings.watching.initial_streaming = "KOPF_STREAMS" in os.environ
    settings.persistence.finalizer = "example.com/operated"


@kopf.on.create(*KIND, labels=OURS)
def created(name: str, body: kopf.Body, patch: kopf.Patch, **_: Any) -> dict[str, str]:
    """The result, a patch of the status besides, and an Event."""
    kopf.info(body, reason="Grading", message="the lab will be graded")
    patch.status["grade"] = "none yet"
    return _told("created", name)


@kopf.on.update(*KIND, labels=OURS)
def updated(name: str, **_: Any) -> dict[str, str]:
    """Whatever changes."""
    return _told("updated", name)


@kopf.on.field(*KIND, field="spec.duration", labels=OURS)
def lengthened(name: str, old: str | None, new: str, **_: Any) -> dict[str, str]:
    """One field only."""
    return _told("lengthened", name) | {"from": str(old), "to": new}


@kopf.timer(*KIND, interval=0.2, labels=OURS)
def looked_at(name: str, status: kopf.Status, patch: kopf.Patch, **_: Any) -> None:
    """Again and again."""
    if "looks" not in status:
        patch.status["looks"] = "at least one"
        _told("looked_at", name)


@kopf.on.event(*KIND, labels=OURS)
def seen(name: str, type: str | None, **_: Any) -> None:  # noqa: A002  kopf names it so
    """Every event of the watch."""
    _told(f"seen {type}", name)


@kopf.on.delete(*KIND, labels=OURS)
def deleted(name: str, **_: Any) -> None:
    """Before the record may go: kopf holds it with a finalizer."""
    _told("deleted", name)


def _told(handler: str, name: str) -> dict[str, str]:
    sys.stdout.write(json.dumps([handler, name]) + "\n")
    sys.stdout.flush()
    return {"by": handler}
