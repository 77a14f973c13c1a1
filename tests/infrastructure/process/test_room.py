"""What is done with a lab's files when the disk has no room."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infrastructure.process.files import LabFiles
from infrastructure.process.lab_log import bound, read_tail
from infrastructure.process.starter import place_starter_files
from infrastructure.templates.definition import read_definition

LIMIT = 1024
TEMPLATE = """
name: mine
title: My own
command: ["{python}", "-m", "mine", "--port={port}"]
readiness: {path: /ok}
access: "/?t={token}"
defaultDuration: 30m
maximumDuration: 2h
files: [{source: notebook.ipynb, target: notebook.ipynb}]
"""


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """No file can grow beyond the size: the kernel ends a write in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_log_is_emptied_though_its_end_cannot_be_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x" * 8 * LIMIT)
    with no_room_beyond(LIMIT):
        bound(log, LIMIT)
    assert log.stat().st_size == 0
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    log.write_text("it goes on\n")
    assert read_tail(log, lines=10, secret="") == "it goes on\n"


def test_leftovers_of_a_killed_service_go_when_a_lab_starts(tmp_path: Path) -> None:
    files = LabFiles(tmp_path, "uid-1")
    files.make()
    for name in ("log-1.new", "record-1.new"):
        (files.directory / name).write_text("half")
    files.make()
    assert list(files.directory.iterdir()) == []


def test_half_a_starter_file_is_not_taken_for_the_students(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    (tmp_path / "work").mkdir()
    source = tmp_path / "template/notebook.ipynb"
    source.write_text("x" * 8 * LIMIT)
    (tmp_path / "template/mine.yaml").write_text(TEMPLATE)
    given = read_definition(tmp_path / "template/mine.yaml")
    with no_room_beyond(LIMIT), pytest.raises(OSError, match="too large"):
        place_starter_files(given, tmp_path / "work")
    place_starter_files(given, tmp_path / "work")
    assert (tmp_path / "work" / source.name).read_text() == source.read_text()
