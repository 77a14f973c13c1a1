"""Files in a stranger's reach, opened."""

import fcntl
import signal
from pathlib import Path

from infrastructure.process.plain_files import read_plain


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
