"""The commands of `labctl` as people call them."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.scenarios.service import environment
from tests.servers.loaded import start_labctl

LABCTL = str(Path(sys.executable).with_name("labctl"))


async def labctl(
    variables: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """What came of it, while the loop goes on."""
    return await asyncio.to_thread(labctl_ended, variables, *arguments)


def labctl_ended(
    variables: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """What came of it; nothing of Python's inside is ever told."""
    with TemporaryFile() as output, TemporaryFile() as errors:
        started = start_labctl(arguments, environment(variables), output=output, errors=errors)
        status = started.wait(60)
        written, told = (_all_of(file) for file in (output, errors))
    assert "Traceback" not in told
    return subprocess.CompletedProcess(arguments, status, written, told)


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


async def refused(variables: Mapping[str, str], *arguments: str) -> str:
    """The one line with which the command says why it cannot be done."""
    ended = await labctl(variables, *arguments)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    lines = ended.stderr.splitlines()
    assert [line for line in lines if not line.startswith("labctl: ")] == []
    assert len(lines) == 1
    return lines[0]
