"""The disk is full, or holds what nobody can read: told clearly, and nothing is lost."""

import asyncio
import resource
import sqlite3
from uuid import uuid4

import httpx

from tests.scenarios.conftest import NewService
from tests.scenarios.service import LABS, create, eventually, manifest, until_state

_UNLIMITED = resource.RLIM_INFINITY


async def test_a_full_disk_refuses_writes_and_loses_none_it_acknowledged(
    new_service: NewService,
) -> None:
    service = new_service(LAB_LOG_LEVEL="error")
    await service.start()
    async with service.client() as client:
        await create(client, "before")
        await until_state(client, "before", "ready")
        size = (service.data_dir / "labs.sqlite-wal").stat().st_size
        limit = size + 400_000
        _let_files_grow(service.writer_pid, limit)
        acknowledged, refusal = await _create_until_refused(client)
        assert refusal.status_code == 503, refusal.text
        assert int(refusal.headers["Retry-After"]) >= 1
        assert refusal.json()["reason"] == "ServiceUnavailable"
        assert (await client.get(f"{LABS}/before")).status_code in {200, 503, 504}

        async def told() -> bool:
            answer = await client.get("/readyz")
            return answer.status_code == 503 and "[-]writing" in answer.text

        await eventually(told)
        _let_files_grow(service.writer_pid, _UNLIMITED)

        async def recovered() -> bool:
            return (await client.post(LABS, json=manifest("after"))).status_code in {201, 409}

        await eventually(recovered)
        for name in (*acknowledged, "after"):
            await until_state(client, name, "ready")
    await service.kill()
    await service.start()
    async with service.client() as client:
        for name in acknowledged:
            await until_state(client, name, "ready")


def _let_files_grow(process: int, limit: int) -> None:
    resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, _UNLIMITED))


async def _create_until_refused(client: httpx.AsyncClient) -> tuple[list[str], httpx.Response]:
    acknowledged: list[str] = []
    for number in range(2000):
        answer = await client.post(LABS, json=manifest(f"lab-{number}"))
        if answer.status_code != 201:
            return acknowledged, answer
        acknowledged.append(f"lab-{number}")
    raise AssertionError("the disk never was full")


async def test_an_event_that_nobody_can_read_stops_the_readers_and_is_named(
    new_service: NewService,
) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
    await service.stop()
    with sqlite3.connect(service.data_dir / "labs.sqlite") as log:
        log.execute(
            "INSERT INTO events SELECT max(position) + 1, 'labinstance-default/bob', 1, ?, "
            "'lab-instance.dreamt-of.v1', '{}', '{}', max(recorded_at) FROM events",
            (uuid4().bytes,),
        )
        [position] = log.execute("SELECT max(position) FROM events").fetchone()
    log.close()
    refusal = await service.start_unready()
    async with service.client() as client:

        async def named() -> bool:
            nonlocal refusal
            refusal = await client.get("/readyz")
            return f"position {position}" in refusal.text

        await eventually(named)
        assert refusal.status_code == 503
        assert "lab-instance.dreamt-of.v1" in refusal.text
        # Whoever asks for the latest waits in vain; what is known is told to all others.
        known = await client.get(f"{LABS}/ann", params={"resourceVersion": "0"})
        assert known.status_code == 200
    await asyncio.sleep(0.1)
    assert f'"position":{position}' in service.logs.read_text()
