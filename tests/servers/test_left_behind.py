"""What a run of tests leaves behind is found and named."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from infrastructure.process.cgroups import open_groups
from tests.infrastructure.process.ground import leave_no_group
from tests.servers.left_behind import Run, groups_of, nothing_left


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name in ("kept", "temporary"):
        (tmp_path / name).mkdir()
    return Run(mark=f"OF={uuid4()}", kept=tmp_path / "kept", temporary=tmp_path / "temporary")


def _owned(run: Run) -> str:
    owner = str(uuid4())
    labs = run.kept / "test_one0/data/labs"
    labs.mkdir(parents=True)
    (labs / ".owner").write_text(owner)
    return owner


def test_a_run_that_left_nothing_is_clean(run: Run) -> None:
    _owned(run)
    assert run.left() == []


@pytest.mark.parametrize("of_a_lab", [False, True])
def test_a_process_is_found(run: Run, of_a_lab: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.left_behind._ENDING", 0.0)
    mark = f"LAB_OWNER={_owned(run)}" if of_a_lab else run.mark
    name, _, value = mark.partition("=")
    words = [sys.executable, "-S", "-c", "input()"]
    with subprocess.Popen(words, env={name: value}, stdin=subprocess.PIPE) as process:
        [left] = run.left()
        process.kill()
    assert left.startswith(f"process {process.pid}: {sys.executable} -S")


def test_a_control_group_is_found_and_a_killed_service_leaves_none(run: Run) -> None:
    owner = _owned(run)
    place = open_groups(owner).place
    if place is None or not os.access(place, os.W_OK):
        pytest.skip("no control groups can be made here")
    (place / f"labs-{owner}").mkdir()
    assert run.left() == [str(group) for group in groups_of(owner)] != []
    leave_no_group(run.kept / "test_one0/data")
    assert run.left() == []


def test_a_file_elsewhere_is_found(run: Run) -> None:
    (run.temporary / "forgotten").touch()
    assert run.left() == [str(run.temporary / "forgotten")]


def test_a_run_that_left_something_fails_and_names_it(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=r"left behind: .*/forgotten$"),
        nothing_left(tmp_path),
    ):
        Path(os.environ["TMPDIR"], "forgotten").touch()
