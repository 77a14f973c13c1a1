"""A watch from before everything: the whole history in order, while new labs are made, and the
service's memory stays bounded. More of it: CLIENTS_LOG_EVENTS=1000000."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.log_writer import write_log
from tests.clients.served import Served, serving
from tests.clients.table import FIGURES
from tests.scenarios.service import LABS, manifest
from tests.servers.plain_http import NO_TLS

EVENTS = int(os.environ.get("CLIENTS_LOG_EVENTS", "20000"))
NEW_LABS = 20
EVERYWHERE = "/apis/lab.neuroglia.com/v1/labinstances"
ALL_OF_IT = {"watch": "1", "resourceVersion": "0", "resourceVersionMatch": "Exact"}
BOUND = 64 * 1024  # in kB, as /proc tells it


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A service with a long history."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    write_log(data / "labs.sqlite", events=EVENTS, projected=True)
    with serving(tmp_path) as running:
        yield running


@pytest.mark.timeout(900)
async def test_all_of_a_long_history_comes_in_order_while_it_goes_on(
    served: Served, record_property: Callable[[str, object], None]
) -> None:
    before = _memory(served)
    begun = time.monotonic()
    async with _client(served) as client:
        making = asyncio.create_task(_make_labs(client))
        largest = await _watched(client, served)
        await making
    took = time.monotonic() - begun
    assert largest - before < BOUND, f"{before} kB before, {largest} kB at most"
    record_property(
        FIGURES,
        f"{EVENTS} events of history watched in {took:.1f} s; memory of the service "
        f"{before // 1024} MB before, {largest // 1024} MB at most",
    )


async def _watched(client: httpx.AsyncClient, served: Served) -> int:
    """See all of the history and every new lab; the most memory that was used meanwhile."""
    last, largest, new = 0, 0, 0
    async for event in _events(client):
        version = int(event["object"]["metadata"]["resourceVersion"])
        assert version == last + 1 if version <= EVENTS else version > last
        last = version
        if version % 1000 == 0:
            largest = max(largest, _memory(served))
        if version > EVENTS and event["type"] == "ADDED":
            assert event["object"]["metadata"]["name"] == f"new-{new}"
            new += 1
        if last >= EVENTS and new == NEW_LABS:
            break
    return max(largest, _memory(served))


async def _events(client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    async with client.stream("GET", EVERYWHERE, params=ALL_OF_IT) as answer:
        async for line in answer.aiter_lines():
            yield json.loads(line)


async def _make_labs(client: httpx.AsyncClient) -> None:
    for number in range(NEW_LABS):
        answer = await client.post(LABS, json=manifest(f"new-{number}"))
        assert answer.status_code == 201, answer.text
        await asyncio.sleep(0.05)


def _client(served: Served) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{served.service.port}",
        headers={"Authorization": f"Bearer {served.service.token}"},
        timeout=120,
        verify=NO_TLS,
    )


def _memory(served: Served) -> int:
    status = Path(f"/proc/{served.service.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])
