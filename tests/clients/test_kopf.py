"""An operator made with kopf, unchanged, runs against the service as if it were Kubernetes."""

import time
from typing import Any

import pytest

from tests.clients.operator import Operator
from tests.clients.rows import Row


@pytest.mark.shows(Row.DISCOVERY, "ok")
@pytest.mark.shows(Row.LIST, "ok")
@pytest.mark.shows(Row.STATUS, "ok")
def test_handlers_of_creation_report_into_the_status(operator: Operator) -> None:
    operator.create("kopf-created")
    told = operator.until("kopf-created", lambda lab: "created" in (lab or {})["status"])
    assert told["status"]["created"] == {"by": "created"}
    assert told["status"]["grade"] == "none yet"
    assert told["metadata"]["finalizers"] == ["example.com/operated"]


@pytest.mark.shows(Row.PATCH, "ok")
def test_handlers_of_changes_are_told_what_changed(operator: Operator) -> None:
    operator.create("kopf-changed")
    operator.until("kopf-changed", lambda lab: "created" in (lab or {})["status"])
    operator.patch("kopf-changed", {"spec": {"duration": "2h"}})
    told = operator.until("kopf-changed", lambda lab: "updated" in (lab or {})["status"])
    told = operator.until("kopf-changed", lambda lab: _lengthened(lab).get("to") == "2h")
    assert _lengthened(told)["from"] == "60m"


@pytest.mark.shows(Row.WATCH, "ok")
def test_timers_and_handlers_of_events_run(operator: Operator) -> None:
    operator.create("kopf-timed")
    operator.until("kopf-timed", lambda lab: "looks" in (lab or {})["status"])
    told = operator.told()
    assert ("seen ADDED", "kopf-timed") in told or ("seen None", "kopf-timed") in told
    assert ("seen MODIFIED", "kopf-timed") in told


@pytest.mark.shows(Row.DELETE, "ok")
def test_the_record_stays_until_handlers_of_deletion_are_done(operator: Operator) -> None:
    operator.create("kopf-deleted")
    operator.until("kopf-deleted", lambda lab: bool((lab or {})["metadata"].get("finalizers")))
    operator.delete("kopf-deleted")
    operator.until("kopf-deleted", lambda lab: lab is None)
    assert ("deleted", "kopf-deleted") in operator.told()


@pytest.mark.shows(Row.CLOSED, "reconnects")
def test_each_handler_is_called_once_however_often_the_watch_ends(operator: Operator) -> None:
    operator.create("kopf-once")
    operator.until("kopf-once", lambda lab: "looks" in (lab or {})["status"])
    time.sleep(2.5)  # its watches last one second
    assert operator.told().count(("created", "kopf-once")) == 1


def _lengthened(lab: dict[str, Any] | None) -> dict[str, str]:
    told: dict[str, str] = (lab or {})["status"].get("lengthened/spec.duration", {})
    return told
