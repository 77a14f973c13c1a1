"""Threads that are needed when none can be made exist before."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from application.ports.provisioner import ProvisionerUnavailable
from infrastructure.process.workers import LabFilesTroubled, Workers


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers()
    yield made
    made.close()


async def test_labs_can_be_ended_when_the_machine_gives_no_more_threads(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert await workers.run(lambda: "looked") == "looked"
    assert await workers.end("uid-1", lambda: "ended") == "ended"


async def test_work_that_ends_labs_waits_for_no_other_work(workers: Workers) -> None:
    held, all_busy = threading.Event(), threading.Barrier(5)

    def look() -> None:
        all_busy.wait(20)
        held.wait(20)

    begun = [asyncio.create_task(workers.run(look)) for _ in range(4)]
    await asyncio.to_thread(all_busy.wait, 20)

    async with asyncio.timeout(10):
        assert await workers.end("uid-1", lambda: "ended") == "ended"

    held.set()
    for each in begun:
        await each


@pytest.mark.parametrize(
    ("error", "blamed"),
    [(OSError(28, "No space left"), ProvisionerUnavailable), (PermissionError(13), None)],
)
async def test_the_machine_is_blamed_for_its_own_trouble_only(
    workers: Workers, error: OSError, blamed: type[Exception] | None
) -> None:
    def fail() -> None:
        raise error

    for work in (workers.run_for, workers.end):
        with pytest.raises(blamed or LabFilesTroubled):
            await work("uid-1", fail)
