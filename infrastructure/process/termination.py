"""Stops all processes of a lab, gently at first, and makes sure that none is left."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar

from application.ports.provisioner import ProvisionerError
from infrastructure.process.proc import Process, is_same, opens_namespace

_LOOK_EVERY = 0.03
_LOOK_AFRESH_EVERY = 0.3
_ROUNDS_OF_KILLING = 40

_Result = TypeVar("_Result")

Find = Callable[[], Sequence[Process]]
Kill = Callable[[], None]


class Aside(Protocol):
    """Does the work in a thread: a lab may have thousands of processes."""

    def __call__(self, work: Callable[[], _Result]) -> Awaitable[_Result]:
        """What the work returns or raises."""


class RuntimeSurvives(ProvisionerError):
    """Processes of a lab are still there after everything was tried."""

    def __init__(self, uid: str, pids: Sequence[int]) -> None:
        self.uid = uid
        self.pids = tuple(pids)
        listed = ", ".join(str(pid) for pid in pids)
        super().__init__(f"processes of the lab with uid {uid!r} survive: {listed}")


async def stop_processes(uid: str, find: Find, kill: Kill, aside: Aside, *, grace: float) -> int:
    """End every process that `find` finds, and return how many there were.

    Each is asked to end and gets `grace` seconds; what is left then is killed, together
    with what it started meanwhile, until nothing is found. `kill` kills all at once where the
    kernel can do so. Both are done aside. Raises RuntimeSurvives.
    """
    ended = await _ask_to_end(find, aside, grace)
    for _ in range(_ROUNDS_OF_KILLING):
        present = await aside(find)
        if not present:
            return len(ended)
        ended |= set(present)
        await aside(kill)
        await aside(partial(_signal, present, signal.SIGKILL))
        await _all_gone(present, aside, _LOOK_AFRESH_EVERY)
    raise RuntimeSurvives(uid, [process.pid for process in await aside(find)])


async def _ask_to_end(find: Find, aside: Aside, grace: float) -> set[Process]:
    """Ask every process once, also those that start meanwhile; return all that were seen."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + grace
    seen: set[Process] = set()
    supervisors: set[int] = set()
    while present := await aside(find):
        unseen = [one for one in present if one not in seen]
        seen |= set(unseen)
        # The supervisor of a sandbox ends with the last process inside, and not before.
        supervisors |= await aside(partial(_supervisors, unseen))
        asked = [one for one in unseen if one.pid not in supervisors]
        await aside(partial(_signal, asked, signal.SIGTERM))
        # A stopped process would not hear it, and a stopped supervisor not that all is over.
        await aside(partial(_signal, unseen, signal.SIGCONT))
        left = deadline - loop.time()
        if left <= 0:
            break
        await _all_gone(present, aside, min(left, _LOOK_AFRESH_EVERY))
    return seen


async def _all_gone(processes: Sequence[Process], aside: Aside, seconds: float) -> None:
    """Wait until none of them lives, but not for longer than `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while await aside(partial(_any_lives, processes)):
        if loop.time() >= deadline:
            return
        await asyncio.sleep(_LOOK_EVERY)


def _any_lives(processes: Sequence[Process]) -> bool:
    return any(is_same(process) for process in processes)


def _supervisors(processes: Sequence[Process]) -> set[int]:
    return {one.parent for one in processes if opens_namespace(one.pid)}


def _signal(processes: Sequence[Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            handle = os.pidfd_open(process.pid)
        except OSError:
            continue  # gone, or not to be reached: the next look answers
        try:
            # The handle keeps the number from being given away between look and signal.
            if is_same(process):
                signal.pidfd_send_signal(handle, number)
        except OSError:
            continue
        finally:
            os.close(handle)
