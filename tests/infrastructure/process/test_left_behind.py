"""What outlived a lab that was removed is found by the next service, told, and left alone."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.ground import Ground, closing


@contextmanager
def outliving(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands in this directory, which is then removed."""
    directory.mkdir(parents=True)
    with subprocess.Popen(["sleep", "600"], start_new_session=True, cwd=directory) as process:
        shutil.rmtree(directory)
        yield process
        process.kill()


@pytest.mark.parametrize(
    "name", ["uid-gone", ".removed-uid-gone-0f913662-4172-4955-84f2-1a0c2b202fb1"]
)
async def test_a_process_in_the_directory_of_a_removed_lab_is_told_until_it_ends(
    plain_ground: Ground, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with outliving(plain_ground.data_dir / "labs" / name / "work") as process:
        provisioner = plain_ground.provisioner()
        async with closing(plain_ground, provisioner):
            told = (await provisioner.probe()).message
            assert f"{process.pid} of lab uid-gone" in told
            assert process.poll() is None
            process.kill()
            await asyncio.to_thread(process.wait)
            assert str(process.pid) not in (await provisioner.probe()).message
    assert [one.levelname for one in caplog.records if "left behind" in one.message] == ["WARNING"]


async def test_processes_of_labs_that_are_known_or_of_nobody_are_not_told(
    plain_ground: Ground, tmp_path: Path
) -> None:
    first = plain_ground.provisioner()
    await first.ensure(request())
    await running(first, "uid-1")
    await first.close()
    with outliving(plain_ground.data_dir / "labs" / "uid-1" / "gone"), outliving(tmp_path / "x"):
        second = plain_ground.provisioner()
        async with closing(plain_ground, second):
            assert "still run" not in (await second.probe()).message
