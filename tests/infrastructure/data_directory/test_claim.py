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
from infrastructure.data_directory.file_system import NETWORK, kind_of

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
    tmp_path: Path, left: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.data_directory.claim._PATIENCE", 0.1)
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


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o2770])
def test_the_mode_of_a_directory_that_was_there_is_left_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(mode)
    with DataDirectory.claim(data):
        assert stat.S_IMODE(data.stat().st_mode) == mode
    assert "chmod 700" in caplog.text


def test_a_directory_that_everybody_may_write_to_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o1777)
    with pytest.raises(
        DataDirectoryUnusable, match=f"everybody may write to it: chmod 700 {data}"
    ):
        DataDirectory.claim(data)
    assert list(data.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives directories away")
def test_a_directory_of_somebody_elses_is_refused_also_by_root(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    os.chown(data, 4242, 4242)
    with pytest.raises(DataDirectoryUnusable, match="belongs to user 4242: start the service as"):
        DataDirectory.claim(data)
    assert list(data.iterdir()) == []


def test_a_directory_behind_a_link_is_that_directory(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "data").symlink_to("disk")
    with (
        DataDirectory.claim(tmp_path / "data"),
        pytest.raises(DataDirectoryInUse),
    ):
        DataDirectory.claim(tmp_path / "disk")


NETWORKS = {0x6969: "NFS", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x01021997: "9p"}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_directory_on_a_network_file_system_is_refused_and_left_as_it_is(
    tmp_path: Path, kind: int
) -> None:
    with pytest.raises(DataDirectoryUnusable) as refusal:
        DataDirectory.claim(tmp_path, kind_of=lambda _: kind)
    assert f"network file system ({NETWORKS[kind]})" in str(refusal.value)
    assert "local disk" in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_behind_fuse_is_warned_of_since_it_may_be_local(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with DataDirectory.claim(tmp_path, kind_of=lambda _: 0x65735546):
        assert "FUSE" in caplog.text


def test_the_kernel_tells_the_kind_of_a_file_system() -> None:
    assert kind_of(Path("/proc")) == 0x9FA0
    assert kind_of(Path("/proc")) not in NETWORK
    with pytest.raises(FileNotFoundError):
        kind_of(Path("/nowhere/at/all"))
