"""Exchanges one after the other, and the tasks that carry them out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from api.server.serving import Serving


class Asked:
    """An exchange whose application answers when it may."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.ended = asyncio.Event()
        self.task: asyncio.Task[Any] | None = None

    async def run_asgi(self, application: object) -> None:
        self.task = asyncio.current_task()
        await self.may_end.wait()
        self.ended.set()


class Connection:
    """Begins exchanges, and knows the tasks that are at work."""

    def __init__(self) -> None:
        self.busy: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self.serving = Serving(loop, cast("Any", None), self.busy)

    def begin(self) -> Asked:
        asked = Asked()
        self.serving.begin(cast("RequestResponseCycle", asked))
        return asked

    async def answer(self, asked: Asked) -> None:
        asked.may_end.set()
        await asked.ended.wait()
        await asyncio.sleep(0)


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    made = Connection()
    yield made
    made.serving.end()


async def test_exchanges_one_after_the_other_share_a_task(connection: Connection) -> None:
    tasks = set()
    for _ in range(3):
        asked = connection.begin()
        assert len(connection.busy) == 1
        await connection.answer(asked)
        tasks.add(asked.task)
        assert connection.busy == set()
    assert len(tasks) == 1


async def test_an_exchange_does_not_wait_for_the_application_before(
    connection: Connection,
) -> None:
    slow, quick = connection.begin(), connection.begin()
    await connection.answer(quick)
    assert not slow.ended.is_set()
    await connection.answer(slow)
    assert connection.busy == set()
    await connection.answer(connection.begin())


async def test_a_task_ends_with_its_connection(connection: Connection) -> None:
    resting, working = connection.begin(), None
    await connection.answer(resting)
    connection.serving.end()
    assert resting.task is not None
    await asyncio.wait_for(resting.task, 1)
    working = connection.begin()
    connection.serving.end()
    await connection.answer(working)
    assert working.task is not None
    await asyncio.wait_for(working.task, 1)
    assert connection.busy == set()


async def test_a_task_that_is_cancelled_takes_no_further_exchange(connection: Connection) -> None:
    first = connection.begin()
    await connection.answer(first)
    assert first.task is not None
    first.task.cancel()
    await asyncio.wait([first.task])
    second = connection.begin()
    await connection.answer(second)
    assert second.task is not first.task
