"""A disk without any room: named by every command, and the log is as it was when there is room."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, created, new
from tests.scenarios.labctl import LABCTL
from tests.scenarios.service import environment

_OWN_MOUNTS = ("unshare", "--map-root-user", "--mount", "--")
_ON_A_FULL_DISK = """
mount -t tmpfs -o size=1m,mode=700 tmpfs "$1"
cp "$2"/labs.sqlite "$2"/labs.sqlite-wal "$2"/labs.tip "$1"
echo 1 > "$1/service.lock"
cat /dev/zero > "$1/filler" 2> "$2/none"
"$3" verify; echo "verify $?" >&2
"$3" serve; echo "serve $?" >&2
"$3" adopt; echo "adopt $?" >&2
rm "$1/filler"
"$3" verify
"""
_PROJECT = Path(__file__).parents[2]
_COMMANDS = ("verify", "serve", "adopt")


@pytest.fixture
async def used(tmp_path: Path) -> Path:
    """The files of a service that was killed."""
    (tmp_path / "used").mkdir()
    (tmp_path / "live").mkdir()
    database = SqliteDatabase.open(tmp_path / "live" / "labs.sqlite", clock=SettableClock())
    await SqliteEventStore(database).append(
        "labinstance-class-a/ann", [new(created("ann"))], expected=EMPTY
    )
    for file in ("labs.sqlite", "labs.sqlite-wal", "labs.tip"):
        (tmp_path / "used" / file).write_bytes((tmp_path / "live" / file).read_bytes())
    await database.close()
    return tmp_path / "used"


def test_every_command_names_a_full_disk_and_the_log_stays_as_it_was(
    used: Path, tmp_path: Path
) -> None:
    if subprocess.run([*_OWN_MOUNTS, "true"], check=False).returncode:
        pytest.skip("nobody may mount here")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    ended = subprocess.run(
        [*_OWN_MOUNTS, "sh", "-c", _ON_A_FULL_DISK, "sh", str(data), str(used), LABCTL],
        env=environment({"LAB_DATA_DIR": str(data), "LAB_LOG_LEVEL": "error"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("1 events in 1 streams are what was written")
    told = [line for line in ended.stderr.splitlines() if not line.startswith("verifying")]
    for command in _COMMANDS:
        line = told[told.index(f"{command} 2") - 1]
        assert line.startswith("labctl: ")
        assert "the disk is full (" in line
        assert line.endswith(": make room")
    assert list(data.iterdir()) == []


def test_a_service_that_filled_its_own_disk_says_so_at_once_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    if subprocess.run([*_OWN_MOUNTS, "true"], check=False).returncode:
        pytest.skip("nobody may mount here")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    ended = subprocess.run(
        [*_OWN_MOUNTS, sys.executable, "-m", "tests.faults.filled_disk", str(data)],
        cwd=_PROJECT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen["ready"] == 503
    status, text, spent = seen["read"]
    if status != 200:  # the views had everything, or wait for room
        assert (status, spent < 3.0) == (503, True), (text, spent)
        assert "the disk is full" in text
    assert seen["lost"] == []
    assert "Traceback" not in seen["log"]
