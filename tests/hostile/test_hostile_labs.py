"""Labs that mean ill, all at once, under the real sandbox: they gain nothing and stop nothing."""

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.hostile.arena import CHECKOUT, Arena, processes_with, until
from tests.hostile.cases import CASES, TRIES

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

_MOST_MEMORY = 300
_MOST_SECONDS = 30
_REPAIRS = 5  # of a lab that ends again and again, before it is given up


@pytest.fixture(scope="module")
def report(arena: Arena) -> Mapping[str, Any]:
    """What one lab has tried, and what each try has gained it."""
    assert arena.process is not None
    victim = arena.create("calm-victim", "calm")
    uid = arena.create(
        "tries",
        "",
        template="tries",
        SERVICE=str(arena.process.pid),
        VICTIM=victim,
        CODE=str(CHECKOUT),
    )
    arena.until_ready("tries")
    found: Mapping[str, Any] = json.loads(
        (arena.data_dir / "labs" / uid / "work/found.json").read_text()
    )
    return found


def test_other_labs_come_and_go_meanwhile(arena: Arena) -> None:
    for number in range(3):
        arena.create(f"calm-{number}", "calm")
        assert arena.until_ready(f"calm-{number}") < _MOST_SECONDS
        arena.act(f"calm-{number}")
        assert arena.until_gone(f"calm-{number}") < _MOST_SECONDS


def test_the_service_stays_small_and_well(arena: Arena) -> None:
    for _ in range(20):
        assert arena.memory() < _MOST_MEMORY
        assert arena.get("/readyz") == 200
        begun = time.monotonic()
        assert arena.get("/livez") == 200
        assert time.monotonic() - begun < 2
        time.sleep(0.1)
    assert "Traceback" not in arena.log()


def test_no_cookie_of_one_lab_is_sent_to_any(arena: Arena) -> None:
    homes = [lab / "work" for lab in (arena.data_dir / "labs").iterdir()]
    heard = [(home / "heard").read_bytes() for home in homes if (home / "heard").exists()]
    assert len(heard) >= len(CASES) - 2
    assert not any(b"cookie" in each.lower() for each in heard)


def test_forged_tags_write_nothing_where_no_lab_ever_was(arena: Arena) -> None:
    with arena.client() as client:
        told = client.get("/apis/events.k8s.io/v1/namespaces/default/events").text
    assert "victim" not in told
    for case in CASES:
        kinds = {item["type"] for item in arena.history(case)}
        assert not any("orphan" in kind for kind in kinds)


def test_the_log_of_a_lab_is_kept_short(arena: Arena) -> None:
    kept = list((arena.data_dir / "labs").glob("*/log.old"))
    assert all(path.stat().st_size <= 1 << 20 for path in kept)
    with arena.client() as client:
        path = "/apis/lab.neuroglia.com/v1/namespaces/default/labinstances/log/log"
        assert client.get(path).status_code == 200


def test_a_home_that_is_locked_is_opened_again_by_a_restart(arena: Arena) -> None:
    arena.act("locked", "restart")
    arena.until_ready_again("locked", times=2)


def test_the_report_is_of_all_tries_and_tells_what_is_gained(report: Mapping[str, Any]) -> None:
    own = report["its_own_files"]["gained"]
    assert report.keys() == {*TRIES, "its_own_files"}
    assert len(own) == 3
    assert _is_real(own[1])


@pytest.mark.parametrize("name", TRIES)
def test_a_lab_gains_nothing_by(report: Mapping[str, Any], name: str) -> None:
    told = report[name]
    assert "broken" not in told, told
    assert [line for line in told.get("gained", ()) if _is_real(line)] == []


def test_a_lab_that_ends_at_once_is_given_up_after_so_many_repairs(arena: Arena) -> None:
    arena.create("ends", "ends")
    until(
        lambda: arena.status("ends").get("state") == "failed",
        within=90,
        what=lambda: json.dumps(arena.history("ends")),
    )
    kinds = [item["type"] for item in arena.history("ends")]
    assert sum("became-ready" in kind for kind in kinds) == 1 + _REPAIRS
    arena.act("ends")
    arena.until_gone("ends")


def test_links_of_a_lab_lead_no_restart_and_no_repair_outside(arena: Arena) -> None:
    before = arena.outside()
    work = arena.data_dir / "labs" / arena.uid_of("links") / "work"
    assert (work / "below").is_symlink()
    arena.act("links", "restart")
    arena.until_ready_again("links", times=2)
    os.kill(min(processes_with(work)), signal.SIGKILL)
    arena.until_ready_again("links", times=3)
    assert arena.outside() == before


def test_names_that_lead_elsewhere_touch_no_file(arena: Arena) -> None:
    """The marks of `tags` are those of files, of nothing, and of what is no name."""
    labs = arena.data_dir / "labs"
    hidden = {path.name for path in labs.iterdir() if path.name.startswith(".")}
    assert len((labs / ".owner").read_text()) > 8
    assert not any(name.startswith(".removed") for name in hidden)
    assert {path.name for path in labs.iterdir()} - hidden == arena.uids()


def test_a_new_service_knows_all_labs_and_what_an_earlier_one_left(arena: Arena) -> None:
    arena.stop()
    left = f"99999999-{uuid4().hex[:8]}"
    aside = arena.data_dir / "labs" / f".removed-{left}-{uuid4()}"
    arena.run(f"""
from pathlib import Path
from tests.infrastructure.process.foreign import dig
Path({str(aside)!r}).mkdir()
dig(Path({str(aside)!r}), 1_100)
""")
    arena.labctl("verify")
    arena.labctl("rebuild")
    arena.start()
    for case in ("tags", "cookies", "many"):
        arena.until_ready(case)
    listed = arena.data_dir / "unknown" / "labs.json"
    until(lambda: listed.exists() and left in listed.read_text(), within=60, what=arena.log)
    arena.run(f"""
from pathlib import Path
from infrastructure.data_directory.unknown_labs import UnknownLabFiles, Verdict
UnknownLabFiles(Path({str(arena.data_dir)!r})).say([{left!r}], Verdict.DISCARDED)
""")
    until(lambda: not arena.left_of(left), within=60, what=arena.log)
    [kept] = (arena.data_dir / "aside" / "labs").iterdir()
    assert kept.name.startswith(f"{left}.")
    assert list(kept.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_lab_goes_wholly(arena: Arena, case: str) -> None:
    uid, outside = arena.uid_of(case), arena.outside()
    arena.act(case)
    arena.until_gone(case)
    assert arena.left_of(uid) == []
    assert processes_with(arena.data_dir / "labs" / uid / "work") == []
    last = arena.history(case)[-1]
    assert "its directory is removed" in json.dumps(last)
    assert arena.outside() == outside


def _is_real(line: str) -> bool:
    """Whether it tells of more than a file in a directory that only the lab has."""
    made = line.removeprefix("made: ")
    return made == line or Path(made).exists()
