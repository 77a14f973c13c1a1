"""The whole service on KurrentDB's protocol and a real MongoDB, by two variables alone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.kurrentdb_server.process import ServerProcess, server_process
from tests.scenarios.conftest import NewService
from tests.scenarios.service import LABS, create, eventually, history, manifest, until_state


@pytest.fixture
def events(tmp_path: Path) -> Iterator[ServerProcess]:
    with server_process(file=tmp_path / "events.sqlite") as server:
        yield server


async def test_a_lab_lives_its_life_and_its_past_outlasts_a_kill(
    new_service: NewService, events: ServerProcess, mongodb_uri: str
) -> None:
    service = new_service(LAB_EVENT_STORE=events.uri, LAB_READ_MODEL=mongodb_uri)
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        ready = await until_state(client, "ann", "ready")
        await service.kill()
        await service.start()
        await client.delete(f"{LABS}/ann")
        await until_state(client, "ann", "deleted")
        told = [entry["type"].split(".")[1] for entry in await history(client, "ann")]
        assert told == [
            *("created", "provisioning-started", "became-ready"),
            *("deletion-requested", "deleted"),
        ]
        version = ready["metadata"]["resourceVersion"]
        past = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
        answer = await client.get(f"{LABS}/ann", params=past)
        assert answer.json()["status"]["state"] == "ready"
    assert not (service.data_dir / "labs.sqlite").exists()


async def test_an_event_store_that_is_away_answers_503_and_everything_resumes(
    new_service: NewService, events: ServerProcess, mongodb_uri: str, tmp_path: Path
) -> None:
    patient = events.uri + "&DefaultDeadline=1"
    service = new_service(LAB_EVENT_STORE=patient, LAB_READ_MODEL=mongodb_uri)
    await service.start()
    async with service.client() as client:
        await create(client, "before")
        await until_state(client, "before", "ready")
        events.kill()
        answer = await client.post(LABS, json=manifest("during"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert (await client.get("/readyz")).status_code == 503
        with server_process(port=events.port, file=tmp_path / "events.sqlite"):

            async def accepted() -> bool:
                answer = await client.post(LABS, json=manifest("after"))
                return answer.status_code in (201, 409)

            await eventually(accepted)
            await until_state(client, "after", "ready")
            await until_state(client, "before", "ready")
            await service.stop()


async def test_views_of_another_event_store_stop_the_start_and_stay(
    new_service: NewService, events: ServerProcess, mongodb_uri: str
) -> None:
    service = new_service(LAB_EVENT_STORE=events.uri, LAB_READ_MODEL=mongodb_uri)
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
    await service.stop()
    with server_process() as other:
        stranger = new_service(LAB_EVENT_STORE=other.uri, LAB_READ_MODEL=mongodb_uri)
        with pytest.raises(AssertionError, match="the views in the read model are of another"):
            await stranger.start()
    again = new_service(LAB_EVENT_STORE=events.uri, LAB_READ_MODEL=mongodb_uri)
    await again.start()
    async with again.client() as client:
        assert (await until_state(client, "ann", "ready"))["metadata"]["name"] == "ann"


async def test_no_password_of_a_store_is_told(new_service: NewService) -> None:
    address = "mongodb://ann:open-sesame@127.0.0.1:1/labs?timeoutMS=300"
    service = new_service(LAB_READ_MODEL=address)
    assert "the read model is unavailable" in (await service.start_unready()).text
    assert "sesame" not in service.logs.read_text()


async def test_views_on_mongodb_serve_the_embedded_log_too(
    new_service: NewService, mongodb_uri: str
) -> None:
    service = new_service(LAB_READ_MODEL=mongodb_uri)
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        found: httpx.Response = await client.get(
            LABS, params={"fieldSelector": "status.state=ready"}
        )
        assert [item["metadata"]["name"] for item in found.json()["items"]] == ["ann"]
