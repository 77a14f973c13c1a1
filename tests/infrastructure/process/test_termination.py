"""Ending processes: each is asked once, however the tree around it changes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from infrastructure.process.proc import Process, read_process
from infrastructure.process.termination import stop_processes

_Result = TypeVar("_Result")

COUNTING = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True))
print("begun", flush=True)
while True:
    time.sleep(60)
"""


async def aside(work: Callable[[], _Result]) -> _Result:
    return await asyncio.to_thread(work)


async def test_a_process_that_lost_its_parent_is_asked_and_counted_once(tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("w") as file:
        child = subprocess.Popen([sys.executable, "-c", COUNTING], stdout=file)
    while output.read_text() != "begun\n":
        await asyncio.sleep(0.01)
    looks = 0

    def find() -> Sequence[Process]:
        nonlocal looks
        looks += 1
        found = read_process(child.pid)
        return [] if found is None else [found if looks == 1 else replace(found, parent=1)]

    def kill() -> None:
        child.kill()
        child.wait()

    assert await stop_processes("uid-1", find, kill, aside, grace=0.7) == 1
    assert looks > 2
    assert output.read_text() == "begun\nasked\n"
    assert child.returncode == -signal.SIGKILL
