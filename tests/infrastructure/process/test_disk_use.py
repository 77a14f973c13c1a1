"""What a directory takes of the disk is found, whatever is in it and however it is built."""

import os
from pathlib import Path

import pytest

from infrastructure.process.disk_use import Measurement
from infrastructure.templates.definition import Resources

MIB = 1024 * 1024
LIMITS = Resources(disk_mib=16, disk_entries=1000)


def fault_of(directory: Path, *, piece: int = 10_000, limits: Resources = LIMITS) -> str:
    """What the directory takes too much of."""
    measurement = Measurement(directory, limits)
    while not measurement.work(piece):
        pass
    measurement.close()
    return measurement.fault


def allocated(path: Path, mib: int) -> None:
    """A file that takes so much of the disk, without anything being written."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, mib * MIB)


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_files_that_take_more_than_is_allowed_are_a_fault_that_names_the_limit(
    tmp_path: Path,
) -> None:
    allocated(tmp_path / "one", 10)
    assert fault_of(tmp_path) == ""

    (tmp_path / "inner").mkdir()
    allocated(tmp_path / "inner/two", 7)
    assert fault_of(tmp_path) == (
        "its files take more than 16 MiB, which is resources.diskMib of its template"
    )


def test_more_entries_than_are_allowed_are_a_fault_though_they_take_nothing(
    tmp_path: Path,
) -> None:
    limits = Resources.model_construct(disk_mib=16, disk_entries=3)
    for name in ("a", "b"):
        (tmp_path / name).touch()
    (tmp_path / "c").mkdir()
    assert fault_of(tmp_path, limits=limits) == ""

    (tmp_path / "c/d").symlink_to("nowhere")
    assert "more than 3" in fault_of(tmp_path, limits=limits)


def test_a_sparse_file_counts_by_what_it_takes(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1024**4)

    assert fault_of(tmp_path) == ""


def test_a_file_of_several_names_counts_once(tmp_path: Path) -> None:
    allocated(tmp_path / "one", 10)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/two").hardlink_to(tmp_path / "one")

    assert fault_of(tmp_path) == ""


def test_links_are_not_followed(tmp_path: Path) -> None:
    other, own = tmp_path / "other", tmp_path / "own"
    other.mkdir()
    own.mkdir()
    allocated(other / "large", 20)
    (own / "directory").symlink_to(other)
    (own / "file").symlink_to(other / "large")
    (own / "round").symlink_to(own)

    assert fault_of(own) == ""


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_depth_and_the_size_of_pieces_make_no_difference(tmp_path: Path, piece: int) -> None:
    at = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 200
    for _ in range(300):  # far beyond what a path may have
        os.mkdir(name, dir_fd=at)
        inner = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    file = os.open("large", os.O_WRONLY | os.O_CREAT, dir_fd=at)
    os.posix_fallocate(file, 0, 12 * MIB)
    os.close(file)
    os.close(at)
    allocated(tmp_path / "beside", 2)
    before = descriptors()

    assert fault_of(tmp_path, piece=piece) == ""
    allocated(tmp_path / "further", 3)
    assert "16 MiB" in fault_of(tmp_path, piece=piece)
    assert descriptors() == before


def test_a_piece_is_bounded_by_its_entries_and_the_next_goes_on(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}").touch()
    measurement = Measurement(tmp_path, LIMITS)

    pieces = 1
    while not measurement.work(10):
        assert measurement.looked == pieces * 10
        pieces += 1

    assert pieces == 11
    measurement.close()


def test_a_directory_that_its_owner_has_locked_is_measured(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    allocated(locked / "large", 20)
    locked.chmod(0)

    assert "16 MiB" in fault_of(tmp_path)


@pytest.mark.parametrize("mode", [0o555, 0o500, 0o2750])
def test_modes_stay_as_they_are_where_they_let_the_owner_look(tmp_path: Path, mode: int) -> None:
    kept = tmp_path / "kept"
    (kept / "inner").mkdir(parents=True)
    kept.chmod(mode)

    assert fault_of(tmp_path) == ""
    assert kept.stat().st_mode & 0o7777 == mode


def test_a_directory_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert fault_of(tmp_path / "nothing") == ""
    assert fault_of(tmp_path / "file") == ""


def entered(top: Path, *, last: str) -> Measurement:
    """A measurement that stands in `last`, the only way down from `top`, before its end."""
    measurement = Measurement(top, LIMITS)
    while not stands_in(measurement, top / last):
        assert not measurement.work(1)
    return measurement


def stands_in(measurement: Measurement, place: Path) -> bool:
    """Whether the measurement looks into that directory at this moment."""
    at = measurement._at
    return at >= 0 and place.exists() and os.path.samestat(os.fstat(at), place.stat())


def test_a_directory_that_is_removed_while_it_is_measured_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    measurement = entered(tmp_path, last="a/b")
    (tmp_path / "a/b").rmdir()

    assert measurement.work(100)
    assert measurement.fault == ""
    measurement.close()


def test_a_directory_that_is_moved_while_it_is_measured_leads_nobody_out(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    (own / "a/b/c").mkdir(parents=True)
    other.mkdir()
    allocated(other / "large", 20)
    measurement = entered(own, last="a/b/c")
    (own / "a/b/c").rename(other / "c")
    (own / "a").rename(other / "a")

    assert measurement.work(100)
    assert measurement.fault == ""
    measurement.close()


def test_a_directory_that_moves_does_not_hide_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/c").mkdir()
    for name in ("b", "c"):
        allocated(tmp_path / "a" / name / "large", 10)
    measurement = Measurement(tmp_path, LIMITS)
    while not measurement.work(1):
        for name in ("b", "c"):
            if stands_in(measurement, tmp_path / "a" / name):
                (tmp_path / "a" / name).rename(tmp_path / name)

    assert "16 MiB" in measurement.fault
    measurement.close()


def test_directories_that_are_moved_at_every_step_hold_up_nobody_for_ever(
    tmp_path: Path,
) -> None:
    limits = Resources.model_construct(disk_mib=16, disk_entries=70)
    deep = tmp_path.joinpath(*["d"] * 20)
    leaves = [deep / f"{number}" for number in range(40)]
    for leaf in leaves:
        leaf.mkdir(parents=True)
    measurement = Measurement(tmp_path, limits)
    while not measurement.work(1):
        for leaf in leaves:
            if stands_in(measurement, leaf):
                leaf.rename(tmp_path / leaf.name)

    assert "moved again and again" in measurement.fault
    assert measurement.looked < 11 * 70
    measurement.close()
