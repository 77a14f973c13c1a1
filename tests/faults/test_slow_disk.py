"""A disk that is slow, fails, or whose writer stands still, under load: every answer comes in time
and is true, and everything goes on by itself."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import NewService
from tests.faults.load import (
    ROUNDS,
    assert_all_is_there,
    assert_log_holds_each_once,
    load,
    report,
    until_ready,
)
from tests.faults.slow_disk import SlowDisk
from tests.scenarios.service import LABS, Service, create, eventually, manifest, until_state

_ROUNDS = ROUNDS or 1
_IN_TIME = 40.0
"""Patience of the service with its writer, and of the reads behind it, on a slow machine."""


@pytest.fixture
def disk(tmp_path: Path) -> SlowDisk:
    return SlowDisk(tmp_path)


async def until_unready(service: Service, named: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}") as client:

        async def refuses() -> bool:
            answer = await client.get("/readyz", timeout=60)
            return answer.status_code == 503 and named in answer.text

        await eventually(refuses)


async def slow(_: Service, disk: SlowDisk) -> None:
    disk.is_slow()
    await asyncio.sleep(4)
    disk.works()


async def failing(service: Service, disk: SlowDisk) -> None:
    disk.fails()
    await until_unready(service, "[-]writing")
    disk.works()


async def standing_still(service: Service, _: SlowDisk) -> None:
    for _burst in range(5):
        writer = service.writer_pid
        os.kill(writer, signal.SIGSTOP)
        await asyncio.sleep(0.4)
        os.kill(writer, signal.SIGCONT)
        await asyncio.sleep(0.1)


@pytest.mark.timeout(180 + 120 * _ROUNDS)
async def test_a_troubled_disk_loses_nothing_answers_in_time_and_is_forgotten_when_it_works(
    new_service: NewService, disk: SlowDisk
) -> None:
    service = new_service(LAB_LOG_LEVEL="error", **disk.variables)
    await service.start()
    figures = []
    async with load(service, clients=4) as told:
        for trouble in (slow, failing, standing_still):
            told.slowest, before = 0.0, (told.writes, told.refusals[503])
            for _ in range(_ROUNDS):
                await asyncio.sleep(0.5)
                await trouble(service, disk)
                await until_ready(service)
            assert told.slowest < _IN_TIME
            figures.append(
                f"{trouble.__name__} disk, {_ROUNDS} times: {told.writes - before[0]} writes "
                f"acknowledged, {told.refusals[503] - before[1]} answers 503, the slowest answer "
                f"took {told.slowest:.1f} s"
            )
    await assert_all_is_there(service, told)
    await service.kill()
    await service.start()
    await assert_all_is_there(service, told)
    await service.stop()
    events = await assert_log_holds_each_once(service.data_dir, told)
    assert "Traceback" not in service.logs.read_text()
    figures.append(f"{told.writes} writes acknowledged, 0 lost, 0 doubled; {events} events")
    report("\n".join(figures))


async def test_with_a_frozen_writer_writes_are_refused_reads_go_on_and_a_stop_and_a_start_work(
    new_service: NewService,
) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "before")
        await until_state(client, "before", "ready")
        clock = asyncio.get_running_loop().time
        frozen = service.writer_pid
        os.kill(frozen, signal.SIGSTOP)
        begun = clock()
        answers = await asyncio.gather(
            *(client.post(LABS, json=manifest(f"lab-{number}")) for number in range(20))
        )
        refused_after = clock() - begun
        assert {answer.status_code for answer in answers} == {503}
        assert all(answer.headers["Retry-After"] for answer in answers)
        known = await client.get(f"{LABS}/before", params={"resourceVersion": "0"})
        assert known.status_code == 200
        await until_unready(service, "[-]writing")
    stopped_after = await service.stop()
    await service.start()
    async with service.client() as client:
        await create(client, "after")
        for name in ("before", "after"):
            await until_state(client, name, "ready")
    assert refused_after < _IN_TIME
    assert stopped_after < _IN_TIME
    assert "Traceback" not in service.logs.read_text()
    report(
        f"a frozen writer: 20 creates were refused after {refused_after:.1f} s, SIGTERM ended "
        f"after {stopped_after:.1f} s"
    )
