"""The soak itself, for moments, over a real service with real labs."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from benchmarks.soak.__main__ import main, soak
from benchmarks.soak.answers import Answers
from benchmarks.soak.traffic import Traffic
from tests.infrastructure.process.ground import leave_no_group
from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import Service, eventually

VERBS = {
    "create",
    "ready",
    "expire",
    "patch",
    "get",
    "list",
    "list exact",
    "history",
    "access",
} | {
    "watch",
    "repaired",
}


@pytest.fixture
async def data_dir(tmp_path: Path) -> AsyncIterator[Path]:
    """Nothing runs there afterwards."""
    yield tmp_path / "data"
    for pid in lab_processes(tmp_path / "data"):
        kill_tree(pid)
    leave_no_group(tmp_path / "data")


@pytest.mark.lab
async def test_the_traffic_mixes_all_that_people_ask_and_ends_what_it_began(
    data_dir: Path,
) -> None:
    service, answers = Service(data_dir, LAB_PROVISIONER="process"), Answers()
    await service.start()
    try:
        async with service.client() as client:

            async def mixed() -> bool:
                return set(answers.verbs) >= VERBS

            async with Traffic(client, answers, Random(1), short=1).flowing():
                await eventually(mixed)
        assert {"delete", "removed"} <= set(answers.verbs)
        assert answers.faults == {}
        assert not lab_processes(data_dir)
    finally:
        await service.kill()


@pytest.mark.lab
async def test_a_soak_says_whether_all_stayed_flat_and_its_code_says_so_too(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await soak(data_dir, seconds=1)
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("FAULT")] == []
    assert any("are what was written" in line for line in lines)
    assert (last == "flat", code) in ((True, 0), (False, 1))


@pytest.mark.parametrize("minutes", ["soon", "0", "-1", "nan", "inf"])
def test_minutes_that_are_none_are_refused(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([minutes]) == 2
    assert repr(minutes) in capsys.readouterr().err
