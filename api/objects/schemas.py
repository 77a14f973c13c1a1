"""The schemas of objects, as far as clients ask for them: what `kubectl explain` prints."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _number(description: str) -> Schema:
    return {"type": "integer", "format": "int32", "description": description}


def _time(description: str) -> Schema:
    return {"type": "string", "format": "date-time", "description": description}


def _object(description: str, properties: Schema) -> Schema:
    return {"type": "object", "description": description, "properties": properties}


def _reference(description: str) -> Schema:
    names = ("apiVersion", "kind", "namespace", "name", "uid", "fieldPath", "resourceVersion")
    return _object(description, {name: {"type": "string"} for name in names})


_NAMESPACE: Schema = {
    "spec": _object(
        "The service's own affair.",
        {"finalizers": {"type": "array", "items": {"type": "string"}}},
    ),
    "status": _object(
        "How the namespace is.",
        {"phase": _text("Active, or Terminating while what is in it goes.")},
    ),
}
_LEASE: Schema = {
    "spec": _object(
        "Who holds it, and until when.",
        {
            "holderIdentity": _text("Who holds the lease."),
            "leaseDurationSeconds": _number("How long it is held after its renewal."),
            "acquireTime": _time("Since when it is held."),
            "renewTime": _time("When it was renewed last."),
            "leaseTransitions": _number("How often it went to another holder."),
        },
    )
}
_BOTH_EVENTS: Schema = {
    "type": _text("Normal or Warning."),
    "reason": _text("What happened, in a word."),
    "action": _text("What was done about it."),
    "eventTime": _time("When it was seen first."),
    "series": _object(
        "How often it was seen.",
        {"count": _number("How often."), "lastObservedTime": _time("When last.")},
    ),
    "related": _reference("A second object."),
    "reportingInstance": _text("Which process reported it."),
}
_SOURCE = _object("Who reported it.", {name: {"type": "string"} for name in ("component", "host")})
_EVENT: Schema = {
    **_BOTH_EVENTS,
    "involvedObject": _reference("What it is about."),
    "message": _text("What happened."),
    "reportingComponent": _text("Who reported it."),
    "source": _SOURCE,
    "firstTimestamp": _time("When it was seen first."),
    "lastTimestamp": _time("When it was seen last."),
    "count": _number("How often it was seen."),
}
_NEW_EVENT: Schema = {
    **_BOTH_EVENTS,
    "regarding": _reference("What it is about."),
    "note": _text("What happened."),
    "reportingController": _text("Who reported it."),
    "deprecatedSource": _SOURCE,
    "deprecatedFirstTimestamp": _time("When it was seen first."),
    "deprecatedLastTimestamp": _time("When it was seen last."),
    "deprecatedCount": _number("How often it was seen."),
}

PROPERTIES: Mapping[tuple[str, str], Schema] = {
    ("", "Namespace"): _NAMESPACE,
    ("coordination.k8s.io", "Lease"): _LEASE,
    ("", "Event"): _EVENT,
    ("events.k8s.io", "Event"): _NEW_EVENT,
}
"""What stands beside the metadata of a kind, by its group and name."""
