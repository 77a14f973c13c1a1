"""How the end of a lab's first process is noticed and put in words."""

import asyncio
import subprocess

import pytest

from infrastructure.process.exit_watch import ExitWatch
from infrastructure.process.proc import read_process


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("read x; exit 3", "it exited with status 3"),
        ("read x; kill -KILL $$", "it was killed by SIGKILL"),
        ("read x; kill -35 $$", "it was killed by signal 35"),
    ],
)
async def test_an_end_is_noticed_whatever_signal_brought_it(script: str, words: str) -> None:
    watch, noticed = ExitWatch(), asyncio.Event()
    child = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE)
    process = read_process(child.pid)
    assert process is not None
    watch.watch(process, noticed.set)
    assert child.stdin is not None
    child.stdin.close()
    async with asyncio.timeout(10):
        await noticed.wait()
    assert watch.ending_of(child.pid) == words
    child.returncode = 0  # reaped by the watch
