"""Work on one key never overlaps and survives the impatience of its caller."""

import asyncio

import pytest

from infrastructure.process.one_at_a_time import OneAtATime


class Diary:
    """Work that writes down when it begins and ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.go = asyncio.Event()

    async def work(self, name: str) -> str:
        self.lines.append(f"{name} begins")
        await self.go.wait()
        self.lines.append(f"{name} ends")
        return name


async def test_work_of_one_key_is_done_in_turn() -> None:
    alone, diary = OneAtATime(), Diary()
    tasks = [
        asyncio.create_task(alone.run("key", lambda name=name: diary.work(name)))  # type: ignore[misc]
        for name in ("a", "b")
    ]
    diary.go.set()
    assert await asyncio.gather(*tasks) == ["a", "b"]
    assert diary.lines == ["a begins", "a ends", "b begins", "b ends"]


async def test_work_of_other_keys_goes_on() -> None:
    alone, diary = OneAtATime(), Diary()
    tasks = [asyncio.create_task(alone.run(key, lambda: diary.work("x"))) for key in "ab"]
    while len(diary.lines) < 2:
        await asyncio.sleep(0)
    diary.go.set()
    await asyncio.gather(*tasks)
    assert diary.lines == ["x begins", "x begins", "x ends", "x ends"]


async def test_the_work_of_a_cancelled_caller_is_finished_before_the_next() -> None:
    alone, diary = OneAtATime(), Diary()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await alone.run("key", lambda: diary.work("first"))
    second = asyncio.create_task(alone.run("key", lambda: diary.work("second")))
    diary.go.set()
    await second
    assert diary.lines == ["first begins", "first ends", "second begins", "second ends"]


async def test_the_failure_of_work_nobody_waits_for_is_not_shouted_about() -> None:
    alone, diary = OneAtATime(), Diary()

    async def fail() -> None:
        await diary.work("doomed")
        raise ValueError

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await alone.run("key", fail)
    diary.go.set()
    await alone.finish()
    assert diary.lines == ["doomed begins", "doomed ends"]
