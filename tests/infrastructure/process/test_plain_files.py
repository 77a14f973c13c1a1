"""Files in a stranger's reach, opened."""

import fcntl
import os
import signal
import stat
from pathlib import Path

import pytest

from infrastructure.process.plain_files import enterable, read_plain


def test_a_file_whose_owner_holds_a_lease_on_it_is_nothing_to_read(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("sesame")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # the kernel asks for the lease back
    try:
        with path.open("r+b") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            assert read_plain(path, most=100) is None
    finally:
        signal.signal(signal.SIGIO, before)
    assert read_plain(path, most=100) == b"sesame"


def test_a_directory_that_is_locked_is_opened_for_its_owner_and_nobody_else(
    tmp_path: Path,
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o005)
    os.close(enterable(locked))
    assert stat.S_IMODE(locked.stat().st_mode) == 0o705


def test_a_link_is_not_entered_and_what_it_leads_to_stays_locked(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0)
    (tmp_path / "link").symlink_to(locked)
    with pytest.raises(OSError, match="link"):
        enterable(tmp_path / "link")
    assert stat.S_IMODE(locked.stat().st_mode) == 0
