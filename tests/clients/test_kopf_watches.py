"""How operators made with kopf begin to watch, and begin again."""

from pathlib import Path

import pytest

from tests.clients.operator import operating
from tests.clients.rows import Row
from tests.clients.served import serving


@pytest.mark.shows(Row.TOO_OLD, "ok, re-lists")
def test_an_operator_lists_anew_when_its_version_was_never_reached(tmp_path: Path) -> None:
    with serving(tmp_path) as served, operating(served) as operator:
        for name in ("kopf-1", "kopf-2", "kopf-3"):
            operator.create(name)
            operator.until(name, lambda lab: "created" in (lab or {})["status"])
        served.put_back()
        operator.create("kopf-4")
        operator.until("kopf-4", lambda lab: "created" in (lab or {})["status"])


@pytest.mark.shows(Row.WATCH_LIST, "opt-in")
def test_an_operator_may_begin_with_a_watch_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as served, operating(served, KOPF_STREAMS="yes") as operator:
        operator.create("kopf-streamed")
        operator.until("kopf-streamed", lambda lab: "created" in (lab or {})["status"])
