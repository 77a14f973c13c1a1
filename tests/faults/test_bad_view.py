"""One row of the views that cannot be read, on the real service."""

import sqlite3
from contextlib import closing

from tests.faults.conftest import NewService
from tests.scenarios.labctl import labctl
from tests.scenarios.service import LABS, create, eventually, until_state


async def test_a_view_that_cannot_be_read_stops_nobody_and_is_made_anew(
    new_service: NewService,
) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        for name in ("ann", "bob"):
            await create(client, name)
            await until_state(client, name, "ready")
    await service.stop()
    with closing(sqlite3.connect(service.data_dir / "labs.sqlite")) as connection:
        connection.execute("UPDATE views SET document = '{' WHERE name = 'ann'")
        connection.commit()
    assert (
        "default/ann is not what the log gives"
        in (await labctl(service.variables, "verify")).stderr
    )
    await service.start()
    async with service.client() as client:
        await create(client, "cid")
        await until_state(client, "cid", "ready")

        async def all_listed() -> bool:
            items = (await client.get(LABS)).json()["items"]
            return {item["metadata"]["name"] for item in items} == {"ann", "bob", "cid"}

        await eventually(all_listed, within=60)
        assert (await client.get(f"{LABS}/ann")).json()["status"]["state"] == "ready"
    assert "a view cannot be read" in service.logs.read_text()
    await service.stop()
    assert (await labctl(service.variables, "verify")).returncode == 0
