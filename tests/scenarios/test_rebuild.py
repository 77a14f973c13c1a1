"""`labctl rebuild`: the views are made again from the log, compared, and put in use."""

import asyncio
import sqlite3

from infrastructure.kurrentdb.raw_log import open_raw_log
from infrastructure.system_clock import SystemClock
from tests.kurrentdb_server.process import server_process
from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import labctl, refused
from tests.scenarios.outages import all_ready
from tests.scenarios.persistent_clients import assert_views_tell_all, clients_at_work
from tests.scenarios.service import LABS, create, eventually, until_state
from tests.scenarios.stores import Stores
from tests.scenarios.whole_log import assert_log_is_whole


async def test_views_that_went_wrong_are_found_and_made_right(new_service: NewService) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        for name in ("ann", "bob", "eve"):
            await create(client, name)
            await until_state(client, name, "ready")
        assert str(service.pid) in await refused(service.variables, "rebuild")
        await service.stop()
        with sqlite3.connect(service.data_dir / "labs.sqlite") as views:
            views.execute("DELETE FROM views WHERE name = 'ann'")
            views.execute("UPDATE views SET document = replace(document, '60m', '90m')")
        views.close()
        ended = await labctl(service.variables, "rebuild")
        assert (ended.returncode, ended.stdout.splitlines()) == (
            0,
            [
                "3 views are made anew, up to position 10; 3 of those before were different",
                *(f"different: default/{name}" for name in ("ann", "bob", "eve")),
            ],
        )
        assert "rebuilding: 100 %" in ended.stderr
        assert list(service.data_dir.glob("labs-views*")) == []
        await service.start()
        labs = (await client.get(LABS)).json()["items"]
        assert [lab["metadata"]["name"] for lab in labs] == ["ann", "bob", "eve"]
        assert {lab["spec"]["duration"] for lab in labs} == {"60m"}


async def test_on_servers_the_service_goes_on_while_its_views_are_replaced(
    new_service: NewService, stores: Stores, mongodb_uri: str
) -> None:
    with server_process() as events:
        service = new_service(
            LAB_EVENT_STORE=events.uri,
            LAB_READ_MODEL=mongodb_uri,
            LAB_MAX_CONCURRENT_PROVISIONING="50",
        )
        await service.start()
        async with service.client() as client, clients_at_work(service, number=4) as told:
            for _ in range(2):
                await asyncio.sleep(0.7)
                ended = await labctl(service.variables, "rebuild")
                assert ended.returncode == 0, ended.stderr
                assert "0 of those before were different" in ended.stdout
        assert {answer.status_code for answer in told.refusals} <= {503}
        async with service.client() as client:
            await eventually(lambda: all_ready(client, len(told.acknowledged)))
            await assert_views_tell_all(client, told)
        async with open_raw_log(events.uri, clock=SystemClock()) as log:
            await assert_log_is_whole(log, told)
