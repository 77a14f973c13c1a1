"""`labctl copy`: a history moves to another event store, and stays what it was."""

import asyncio
import signal
import subprocess
from typing import Any

import httpx
import pytest

from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.process import server_process
from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import LABCTL, labctl, refused
from tests.scenarios.service import LABS, Service, create, environment, history, until_state

_OWN = ("position", "recordedAt")


@pytest.mark.parametrize("edition", Edition)
async def test_a_history_moves_to_a_server_and_stays_what_it_was(
    new_service: NewService, edition: Edition
) -> None:
    service = await _with_labs(new_service, "ann", "bob")
    async with service.client() as client:
        before = await _told(client)
        running = await refused(service.variables, "copy", "--from", "sqlite", "--to", "./x")
        assert str(service.pid) in running
    await service.stop()
    with server_process(edition=edition) as events:
        moved = new_service(LAB_EVENT_STORE=events.uri)
        ended = await labctl(moved.variables, "copy", "--from", "sqlite")
        assert ended.stdout == (
            "7 events in 3 streams are the same in both; 0 of them were there before\n"
        )
        assert "copying: 100 %" in ended.stderr
        assert "verifying: 100 %" in ended.stderr
        proven = await labctl(moved.variables, "verify")
        assert "7 events in 3 streams are what was written" in proven.stdout
        with pytest.raises(AssertionError, match="rebuild --take-over"):
            await moved.start()
        assert (await labctl(moved.variables, "rebuild", "--take-over")).returncode == 0
        await moved.start()
        async with moved.client() as client:
            assert await _told(client) == before
            await create(client, "eve")
            await until_state(client, "eve", "ready")


async def test_a_copy_that_is_killed_goes_on_where_it_was(new_service: NewService) -> None:
    service = await _with_labs(new_service, *(f"lab-{number}" for number in range(150)))
    await service.stop()
    with server_process() as events:
        moved = service.variables | {"LAB_EVENT_STORE": events.uri}
        arguments = [LABCTL, "copy", "--from", "sqlite"]
        with subprocess.Popen(
            arguments, env=environment(moved), stderr=subprocess.PIPE, text=True
        ) as copying:
            assert copying.stderr is not None
            while "copying: 25" not in await asyncio.to_thread(copying.stderr.readline):
                assert copying.poll() is None
            copying.send_signal(signal.SIGKILL)
        ended = await labctl(moved, "copy", "--from", "sqlite")
        assert ended.stdout.startswith("451 events in 151 streams are the same in both; ")
        already = int(ended.stdout.partition("; ")[2].split()[0])
        assert 100 <= already < 451


async def _with_labs(new_service: NewService, *names: str) -> Service:
    service = new_service(LAB_MAX_CONCURRENT_PROVISIONING="100")
    await service.start()
    async with service.client() as client:
        await asyncio.gather(*(create(client, name) for name in names))
        for name in names:
            await until_state(client, name, "ready")
    return service


async def _told(client: httpx.AsyncClient) -> dict[str, list[dict[str, Any]]]:
    """Every lab's history, but for what is the store's own."""
    labs = [lab["metadata"]["name"] for lab in (await client.get(LABS)).json()["items"]]
    return {
        name: [
            {key: _elsewhere(value) for key, value in entry.items() if key not in _OWN}
            for entry in await history(client, name)
        ]
        for name in labs
    }


def _elsewhere(value: Any) -> Any:
    """A cause is told by its place in the store as well."""
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key not in _OWN}
    return value
