"""One service for each data directory, and clear words for the others."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.data_directory.claim import (
    DataDirectory,
    DataDirectoryInUse,
    DataDirectoryUnusable,
)

HOLDER = """
import sys
from pathlib import Path
from infrastructure.data_directory.claim import DataDirectory
DataDirectory.claim(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_service_learns_who_holds_the_directory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(DataDirectoryInUse) as refusal:
            DataDirectory.claim(tmp_path / "data")

        assert str(tmp_path / "data") in str(refusal.value)
        assert refusal.value.holder == str(holder.pid)
        assert str(holder.pid) in str(refusal.value)
        holder.kill()
    with DataDirectory.claim(tmp_path / "data") as claimed:
        assert claimed.path == tmp_path / "data"


def test_a_released_directory_can_be_claimed_again(tmp_path: Path) -> None:
    first = DataDirectory.claim(tmp_path)
    with pytest.raises(DataDirectoryInUse):
        DataDirectory.claim(tmp_path)
    first.release()
    first.release()

    with DataDirectory.claim(tmp_path):
        assert (tmp_path / "service.lock").read_text() == str(os.getpid())


@pytest.mark.parametrize("left", [None, "", "4711"])
def test_a_directory_is_held_whatever_becomes_of_its_lock_file(
    tmp_path: Path, left: str | None
) -> None:
    with DataDirectory.claim(tmp_path):
        lock = tmp_path / "service.lock"
        lock.unlink()
        if left is not None:
            lock.write_text(left)
        with pytest.raises(DataDirectoryInUse, match=left or "unknown"):
            DataDirectory.claim(tmp_path)


def test_a_data_directory_is_closed_to_other_users(tmp_path: Path) -> None:
    with DataDirectory.claim(tmp_path / "deep" / "data") as claimed:
        assert stat.S_IMODE(claimed.path.stat().st_mode) == 0o700
        lock = claimed.path / "service.lock"
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_a_directory_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DataDirectoryUnusable) as refusal:
        DataDirectory.claim(tmp_path / "file" / "data")

    assert str(refusal.value) == (
        f"data directory '{tmp_path}/file/data' cannot be used: Not a directory"
    )


def test_an_unwritable_directory_is_told_in_one_line(tmp_path: Path) -> None:
    """Even root cannot make files in /proc."""
    with pytest.raises(DataDirectoryUnusable, match="cannot be used: ") as refusal:
        DataDirectory.claim(Path("/proc/labs"))

    assert "\n" not in str(refusal.value)
