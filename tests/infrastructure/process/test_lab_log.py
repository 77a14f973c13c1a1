"""The log is the lab's to spoil, and the service's time and files are not."""

import os
from pathlib import Path

import pytest

from infrastructure.process.lab_log import bound, read_tail

LIMIT = 1024
SHOWN = 512 * 1024


def test_a_log_made_huge_without_content_costs_no_more_than_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("it was so small\n")
    os.truncate(log, 1024**4)

    bound(log, SHOWN * 8)

    assert log.stat().st_size == 0
    assert (tmp_path / "log.old").stat().st_size == SHOWN


def test_a_huge_log_is_shown_by_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        file.truncate(1024**4)
        file.seek(0, os.SEEK_END)
        file.write(b"\nthe end\n")

    assert read_tail(log, lines=1, secret="") == "the end\n"


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "directory"])
def test_a_log_that_is_no_file_is_neither_read_nor_emptied_nor_waited_for(
    tmp_path: Path, kind: str
) -> None:
    log, other = tmp_path / "log", tmp_path / "other"
    other.write_text("of somebody else\n" * LIMIT)
    match kind:
        case "link":
            log.symlink_to(other)
        case "hard link":
            log.hardlink_to(other)
        case "pipe":
            os.mkfifo(log)
        case _:
            log.mkdir()

    bound(log, LIMIT)

    assert other.read_text() == "of somebody else\n" * LIMIT
    if kind != "hard link":
        assert read_tail(log, lines=10, secret="") == ""


def test_rotation_does_not_write_through_what_stands_in_the_older_logs_place(
    tmp_path: Path,
) -> None:
    log, other = tmp_path / "log", tmp_path / "other"
    other.write_text("of somebody else")
    log.write_text("x" * 2 * LIMIT)
    (tmp_path / "log.old").symlink_to(other)

    bound(log, LIMIT)

    assert other.read_text() == "of somebody else"
    assert log.stat().st_size == 0
