"""What nobody knows is moved as it is, kept for its time, and only then removed."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.lab_instance.observation import Absent
from infrastructure.process.aside import Aside
from infrastructure.process.workers import Workers
from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.ground import Ground, closing

WEEK = timedelta(hours=168)


class SetClock:
    """Says what it was set to; `passed` are the seconds that nobody can set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.passed = 0.0

    def now(self) -> datetime:
        return self.time

    def ticks(self) -> float:
        return self.passed


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "labs/uid-1/work").mkdir(parents=True)
    (tmp_path / "labs/uid-1/work" / "thesis.txt").write_text("a year of work")
    return tmp_path


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers()
    yield made
    made.close()


@asynccontextmanager
async def aside_on(data_dir: Path, workers: Workers, clock: SetClock) -> AsyncIterator[Aside]:
    root = data_dir / "labs"
    aside = Aside(data_dir, root, workers, retention=WEEK, now=clock.now, ticks=clock.ticks)
    yield aside
    await aside.close()


def kept(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "aside/labs").glob("*"))


async def test_processes_end_and_the_students_files_lie_where_the_proof_says(
    plain_ground: Ground,
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        (plain_ground.path_of("uid-1") / "work" / "thesis.txt").write_text("a year of work")

        aside = await provisioner.set_aside("uid-1")

        assert plain_ground.pids_of("uid-1") == []
        assert not plain_ground.path_of("uid-1").exists()
        assert (Path(aside.place) / "work" / "thesis.txt").read_text() == "a year of work"
        told = aside.proof.partition("its files are kept in ")[2]
        assert plain_ground.data_dir / told == Path(aside.place)
        assert (Path(aside.place).parent.stat().st_mode & 0o777) == 0o700


async def test_a_directory_without_a_record_and_one_on_its_way_out_are_kept_too(
    plain_ground: Ground,
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.probe()
        (plain_ground.path_of("uid-2") / "work").mkdir(parents=True)
        leaving = plain_ground.path_of(f".removed-uid-2-{uuid4()}")
        leaving.mkdir()
        (leaving / "half.txt").touch()
        assert [one.uid for one in await provisioner.list()] == ["uid-2"]

        await provisioner.set_aside("uid-2")

        assert await provisioner.list() == ()
        assert await provisioner.observe("uid-2") == Absent()
        first, second = kept(plain_ground.data_dir)
        assert second == f"{first}.1"
        assert (plain_ground.data_dir / "aside/labs" / second / "half.txt").exists()


async def test_files_are_kept_for_their_time_and_an_hour_in_which_the_clock_says_so(
    data_dir: Path, workers: Workers, clock: SetClock
) -> None:
    async with aside_on(data_dir, workers, clock) as aside:
        await aside.keep("uid-1")
        clock.time += WEEK - timedelta(seconds=1)
        os.utime(data_dir / "aside/labs" / kept(data_dir)[0], (0, 0))
        for _ in range(3):
            await aside.clear()
            clock.passed += 3600
        assert len(kept(data_dir)) == 1
        clock.time += timedelta(seconds=1)
        await aside.clear()
        clock.passed += 3500
        await aside.clear()
        assert len(kept(data_dir)) == 1
        clock.passed += 101
        await aside.clear()
        assert kept(data_dir) == []


async def test_a_clock_that_was_ahead_for_a_while_removes_nothing(
    data_dir: Path, workers: Workers, clock: SetClock
) -> None:
    async with aside_on(data_dir, workers, clock) as aside:
        await aside.keep("uid-1")
        clock.time += 2 * WEEK
        await aside.clear()
        clock.time -= 2 * WEEK
        await aside.clear()
        clock.passed += 4000
        clock.time += 2 * WEEK
        await aside.clear()
        assert len(kept(data_dir)) == 1


async def test_a_new_service_keeps_it_and_goes_on_with_a_removal_that_was_begun(
    data_dir: Path, workers: Workers, clock: SetClock
) -> None:
    async with aside_on(data_dir, workers, clock) as aside:
        await aside.keep("uid-1")
    place = data_dir / "aside/labs"
    begun = place / f".removed-uid-9.20260101T000000.000000Z-{uuid4()}"
    begun.mkdir()
    (begun / "rest").touch()
    async with aside_on(data_dir, workers, clock) as aside:
        await aside.clear()
    assert [name.partition(".")[0] for name in kept(data_dir)] == ["uid-1"]


async def test_directories_that_this_service_did_not_set_aside_stay(
    data_dir: Path, workers: Workers, clock: SetClock
) -> None:
    (data_dir / "aside/labs").mkdir(parents=True)
    for name in ("notes", "uid-1.yesterday", "a b.20200101T000000.000000Z"):
        (data_dir / "aside/labs" / name).mkdir()
    async with aside_on(data_dir, workers, clock) as aside:
        for _ in range(2):
            await aside.clear()
            clock.passed += 3601
    assert len(kept(data_dir)) == 3


SHARED_MEMORY = Path("/dev/shm")


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="there is no other file system")
async def test_labs_on_another_file_system_are_kept_beside_themselves(
    data_dir: Path, workers: Workers, clock: SetClock
) -> None:
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as elsewhere:
        root = Path(elsewhere, "labs")
        shutil.copytree(data_dir / "labs", root)
        aside = Aside(data_dir, root, workers, retention=WEEK, now=clock.now)
        place = await aside.keep("uid-1")
        assert place is not None
        assert aside.told(place).startswith("labs/.aside/uid-1.")
        assert (place / "work" / "thesis.txt").exists()
        assert not (root / "uid-1").exists()
