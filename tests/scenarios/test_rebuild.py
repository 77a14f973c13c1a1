"""`labctl rebuild`: the views are made again from the log, compared, and put in use."""

import asyncio
import sqlite3

from tests.kurrentdb_server.process import server_process
from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import labctl, refused
from tests.scenarios.persistent_clients import assert_nothing_is_lost, clients_at_work
from tests.scenarios.service import LABS, create, until_state
from tests.scenarios.stores import Stores


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
                "3 views are made anew, up to position 9; 3 of those before were different",
                *(f"different: default/{name}" for name in ("ann", "bob", "eve")),
            ],
        )
        assert "rebuilding: 100 %" in ended.stderr
        again = await labctl(service.variables, "rebuild")
        assert again.stdout.endswith("position 9; 0 of those before were different\n")
        assert list(service.data_dir.glob("labs-views*")) == []
        await service.start()
        labs = (await client.get(LABS)).json()["items"]
        assert [lab["metadata"]["name"] for lab in labs] == ["ann", "bob", "eve"]
        assert {lab["spec"]["duration"] for lab in labs} == {"60m"}


async def test_on_servers_the_service_goes_on_while_its_views_are_replaced(
    new_service: NewService, stores: Stores, mongodb_uri: str
) -> None:
    with server_process() as events:
        service = new_service(LAB_EVENT_STORE=events.uri, LAB_READ_MODEL=mongodb_uri)
        await service.start()
        async with service.client() as client, clients_at_work(service, number=4) as told:
            for _ in range(2):
                await asyncio.sleep(0.7)
                ended = await labctl(service.variables, "rebuild")
                assert ended.returncode == 0, ended.stderr
                assert "0 of those before were different" in ended.stdout
        assert {answer.status_code for answer in told.refusals} <= {503}
        async with service.client() as client:
            for name in told.acknowledged:
                await until_state(client, name, "ready")
            await assert_nothing_is_lost(client, told)


async def test_views_of_another_log_are_replaced_only_when_that_is_asked_for(
    new_service: NewService, mongodb_uri: str
) -> None:
    first, second = new_service(), new_service("other", LAB_READ_MODEL=mongodb_uri)
    for service, name in ((first, "ann"), (second, "bob")):
        await service.start()
        async with service.client() as client:
            await create(client, name)
            await until_state(client, name, "ready")
        await service.stop()
    moved = first.variables | {"LAB_READ_MODEL": mongodb_uri}
    assert "of another event store" in await refused(moved, "rebuild")
    assert (await labctl(second.variables, "rebuild")).stdout.endswith(
        "0 of those before were different\n"
    )
    ended = await labctl(moved, "rebuild", "--take-over")
    assert ended.returncode == 0, ended.stderr
    assert (await labctl(moved, "rebuild")).stdout.startswith("1 views")
    assert "of another event store" in await refused(second.variables, "rebuild")


async def test_what_cannot_be_rebuilt_is_said_in_one_line(new_service: NewService) -> None:
    service = new_service()
    assert str(service.data_dir) in await refused(service.variables, "rebuild")
    nowhere = {"LAB_EVENT_STORE": "kurrentdb://ann:sesame@127.0.0.1:1?Tls=false&DefaultDeadline=1"}
    away = (
        service.variables
        | nowhere
        | {"LAB_READ_MODEL": "mongodb://ann:sesame@127.0.0.1:1/?serverSelectionTimeoutMS=300"}
    )
    for variables in (away, service.variables | {"LAB_READ_MODEL": away["LAB_READ_MODEL"]}):
        assert "sesame" not in await refused(variables, "rebuild")
    assert not service.data_dir.exists()
