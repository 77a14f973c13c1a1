"""From facts to the documents of Events, and from the core group's to the other group's."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.events.sentences import sentence_of
from api.events.versions import OLD_NAMES
from api.kubernetes.lab_kind import API_VERSION, KIND
from api.kubernetes.timestamp import timestamp
from application.mediator.fact_questions import LabFact
from domain.lab_instance.key import LabKey
from domain.lab_instance.validation import name_faults, namespace_faults

_NAME = re.compile(r"(.+)\.([1-9a-f][0-9a-f]{0,11})")
_KEPT = ("metadata", "eventTime", "reportingInstance", "action", "reason", "related", "type")


def event_name(key: LabKey, version: int) -> str:
    """The name of the Event of a fact: it never changes, and needs no store to be found."""
    return f"{key.name}.{version:x}"


def lab_and_version(namespace: str, name: str) -> tuple[LabKey, int] | None:
    """The fact that a name of `event_name` stands for; None for any other name."""
    found = _NAME.fullmatch(name)
    if not found or name_faults("", found[1]) or namespace_faults("", namespace):
        return None
    return LabKey(namespace, found[1]), int(found[2], 16)


def document_of_fact(fact: LabFact) -> Mapping[str, Any]:
    """The fact as an Event of the core group."""
    recorded, key = fact.recorded, fact.key
    said, at = sentence_of(fact.event, recorded.type), fact.event.at
    reporter = recorded.metadata.get("actor", "")
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {
            "name": event_name(key, recorded.version),
            "namespace": key.namespace,
            "uid": str(recorded.id),
            "resourceVersion": str(recorded.position),
            "creationTimestamp": timestamp(at),
        },
        "involvedObject": _lab(fact),
        "reason": said.reason,
        "message": said.message,
        "source": {"component": reporter},
        "firstTimestamp": timestamp(at),
        "lastTimestamp": timestamp(at),
        "count": 1,
        "type": "Warning" if said.warning else "Normal",
        "eventTime": _exact(at),
        "action": said.reason,
        "reportingComponent": reporter,
        "reportingInstance": "",
    }


def _lab(fact: LabFact) -> Mapping[str, str]:
    return {
        "kind": KIND,
        "namespace": fact.key.namespace,
        "name": fact.key.name,
        "uid": fact.uid,
        "apiVersion": API_VERSION,
        "resourceVersion": str(fact.recorded.position),
    }


def of_events_group(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The Event as the group events.k8s.io writes it."""
    moved = {name: document[core] for name, core in OLD_NAMES.items() if core in document}
    kept = {name: document[name] for name in _KEPT if name in document}
    series = {"series": document["series"]} if document.get("series") else {}
    return {"kind": "Event", "apiVersion": "events.k8s.io/v1", **kept, **moved, **series}


def _exact(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
