"""What the simulated provisioner remembers, where the disk has no room for it."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from application.ports.provisioner import ProvisionerUnavailable
from domain.lab_instance.key import LabKey
from infrastructure.simulated.journal import Journal, SimulatedRuntime


def runtime(uid: str) -> SimulatedRuntime:
    return SimulatedRuntime(
        lab=LabKey("class-a", uid), uid=uid, revision=1, ready_at=0.0, fails=False
    )


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A write beyond this size is cut short, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_without_room_is_an_outage_and_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "simulated.jsonl"
    journal = Journal(path)
    journal.load()
    journal.write("uid-1", runtime("uid-1"))
    with files_no_larger_than(path.stat().st_size + 10):
        for _ in range(2):
            with pytest.raises(ProvisionerUnavailable, match="journal cannot be written"):
                journal.write("uid-2", runtime("uid-2"))
    journal.write("uid-3", runtime("uid-3"))
    journal.close()
    again = Journal(path)
    assert [*again.load()] == ["uid-1", "uid-3"]
    again.close()
