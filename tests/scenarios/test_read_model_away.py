"""MongoDB goes away and comes back: commands go on, reads say that they cannot, and the views
and those who watch catch up by themselves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from infrastructure.data_directory.claim import database_in
from infrastructure.sqlite.raw_log import open_raw_log
from tests.scenarios.conftest import NewService
from tests.scenarios.outages import SECONDS, all_ready, is_ready
from tests.scenarios.persistent_clients import assert_views_tell_all, clients_at_work
from tests.scenarios.service import LABS, create, eventually, until_state
from tests.scenarios.whole_log import assert_log_is_whole
from tests.servers.mongod import Mongod, running_mongod
from tests.servers.mongodb_uri import of_database

_READS = (LABS, f"{LABS}/before", f"{LABS}/before?resourceVersion=0", f"{LABS}?watch=1")


@pytest.fixture
def views() -> Iterator[Mongod]:
    """A server of the test's own, since it goes away."""
    with running_mongod() as server:
        yield server


@pytest.mark.parametrize(("leave", "come_back"), [("kill", "start"), ("pause", "resume")])
async def test_commands_go_on_without_views_and_reads_and_watches_catch_up(
    new_service: NewService, views: Mongod, leave: str, come_back: str
) -> None:
    uri = of_database(views.uri, "labs") + "&timeoutMS=1000&serverSelectionTimeoutMS=500"
    service = new_service(
        LAB_READ_MODEL=uri, LAB_MAX_CONCURRENT_PROVISIONING="50", LAB_LOG_LEVEL="warning"
    )
    await service.start()
    async with service.client() as client, _watching(client) as seen:
        await create(client, "before")
        await until_state(client, "before", "ready")
        async with clients_at_work(service, number=4) as told:
            getattr(views, leave)()
            await eventually(lambda: is_ready(client, False))
            await asyncio.gather(*(_is_refused_in_time(client, path) for path in _READS))
            await asyncio.sleep(SECONDS)
            acknowledged = len(told.acknowledged)
            getattr(views, come_back)()
            await eventually(lambda: is_ready(client, True))
        assert acknowledged > 4
        assert told.refusals == []
        assert told.slowest < 20
        await eventually(lambda: all_ready(client, len(told.acknowledged) + 1))
        await assert_views_tell_all(client, told)

        async def seen_all_ready() -> bool:
            return seen.keys() >= told.acknowledged.keys()

        await eventually(seen_all_ready)
    await service.stop()
    with open_raw_log(database_in(service.data_dir)) as log:
        await assert_log_is_whole(log, told)


async def _is_refused_in_time(client: httpx.AsyncClient, path: str) -> None:
    begun = time.monotonic()
    answer = await client.get(path)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1"), answer.text
    assert time.monotonic() - begun < 20


@asynccontextmanager
async def _watching(client: httpx.AsyncClient) -> AsyncIterator[dict[str, str]]:
    """The labs that a watch from the start has told to be ready, with their versions."""
    seen: dict[str, str] = {}

    async def watch() -> None:
        wanted = {"watch": "1", "resourceVersion": "0"}
        async with client.stream("GET", LABS, params=wanted, timeout=None) as stream:
            async for line in stream.aiter_lines():
                lab = json.loads(line)["object"]
                if lab["status"]["state"] == "ready":
                    seen[lab["metadata"]["name"]] = lab["metadata"]["resourceVersion"]

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
