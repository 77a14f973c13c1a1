"""Labs that mean ill, all at once, under the real sandbox: they gain nothing and stop nothing."""

import json
import time
from uuid import uuid4

import pytest

from tests.hostile.arena import Arena, processes_with, until
from tests.hostile.cases import CASES

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

_MOST_MEMORY = 300
_MOST_SECONDS = 30


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
    until(
        lambda: (
            any("became-ready" in item["type"] for item in arena.history("locked")[-1:])
            and sum("became-ready" in item["type"] for item in arena.history("locked")) > 1
        ),
        within=60,
        what=lambda: json.dumps(arena.status("locked")),
    )


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
    with arena.client() as client:
        uid = client.get(
            f"/apis/lab.neuroglia.com/v1/namespaces/default/labinstances/{case}"
        ).json()["metadata"]["uid"]
    arena.act(case)
    arena.until_gone(case)
    assert arena.left_of(uid) == []
    assert processes_with(arena.data_dir / "labs" / uid / "work") == []
    last = arena.history(case)[-1]
    assert "its directory is removed" in json.dumps(last)
