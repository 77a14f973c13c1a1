"""The commands of `labctl` as people call them."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.scenarios.service import environment

LABCTL = str(Path(sys.executable).with_name("labctl"))


async def labctl(
    variables: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """What came of it; nothing of Python's inside is ever told."""
    ended = await asyncio.to_thread(
        subprocess.run,
        [LABCTL, *arguments],
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended


async def refused(variables: Mapping[str, str], *arguments: str) -> str:
    """The one line with which the command says why it cannot be done."""
    ended = await labctl(variables, *arguments)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    lines = ended.stderr.splitlines()
    assert [line for line in lines if not line.startswith("labctl: ")] == []
    assert len(lines) == 1
    return lines[0]
