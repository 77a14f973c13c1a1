"""The service is killed, its labs are killed, and nothing is lost, doubled or left running."""

import asyncio
import random

import httpx
import pytest

from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import labctl, refused
from tests.scenarios.processes import kill_tree, processes_of
from tests.scenarios.service import (
    LABS,
    Service,
    create,
    eventually,
    history,
    manifest,
    until_state,
)
from tests.scenarios.stores import Stores
from tests.servers.plain_http import NO_TLS

DRIFT = "lab-instance.drift-detected.v1"
STARTED = "lab-instance.provisioning-started.v1"


async def test_no_acknowledged_lab_is_lost_however_often_the_service_is_killed(
    new_service: NewService,
) -> None:
    service = new_service(LAB_SIMULATED_DELAY="0.3s", LAB_MAX_CONCURRENT_PROVISIONING="100")
    chance = random.Random(7)
    acknowledged: list[str] = []
    for round_ in range(4):
        await service.start()
        writing = asyncio.create_task(_write_until_it_breaks(service, round_, acknowledged))
        await asyncio.sleep(chance.uniform(0.1, 1.2))
        await service.kill()
        await writing
    await service.start()
    async with service.client() as client:
        for name in acknowledged:
            await until_state(client, name, "ready")
        for name in chance.sample(acknowledged, min(10, len(acknowledged))):
            told = await history(client, name)
            assert [entry["version"] for entry in told] == list(range(1, len(told) + 1))
    assert acknowledged


async def _write_until_it_breaks(service: Service, round_: int, done: list[str]) -> None:
    async with service.client() as client:
        for number in range(1000):
            name = f"lab-{round_}-{number}"
            try:
                answer = await client.post(LABS, json=manifest(name))
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            done.append(name)
            await asyncio.sleep(0.01)


async def test_labs_outlive_the_service_and_are_adopted(new_service: NewService) -> None:
    service = new_service(LAB_PROVISIONER="process")
    await service.start()
    async with service.client() as client:
        uids = {}
        for name in ("ann", "bob"):
            uids[name] = (await create(client, name))["metadata"]["uid"]
        for name in uids:
            await until_state(client, name, "ready")
        before = {name: processes_of(uid) for name, uid in uids.items()}
        await service.kill()
        assert {name: processes_of(uid) for name, uid in uids.items()} == before
        await service.start()
        for name in uids:
            lab = await until_state(client, name, "ready")
            async with httpx.AsyncClient(verify=NO_TLS) as student:
                assert (await student.get(lab["status"]["endpoint"])).status_code < 500
            kinds = [entry["type"] for entry in await history(client, name)]
            assert kinds.count(STARTED) == 1
        assert {name: processes_of(uid) for name, uid in uids.items()} == before
        for name, uid in uids.items():
            await client.delete(f"{LABS}/{name}")
            await until_state(client, name, "deleted")
            assert processes_of(uid) == []


async def test_a_service_killed_while_labs_start_starts_none_twice(
    new_service: NewService,
) -> None:
    service = new_service(LAB_PROVISIONER="process", LAB_MAX_CONCURRENT_PROVISIONING="2")
    await service.start()
    names = [f"lab-{number}" for number in range(6)]
    async with service.client() as client:
        for name in names:
            await create(client, name)
        await asyncio.sleep(0.15)
        await service.kill()
        await service.start()
        for name in names:
            lab = await until_state(client, name, "ready")
            servers = [pid for pid in processes_of(lab["metadata"]["uid"]) if _listens(pid)]
            assert len(servers) == 1, servers
        for name in names:
            await client.delete(f"{LABS}/{name}")
        for name in names:
            await until_state(client, name, "deleted")


def _listens(pid: int) -> bool:
    """Whether the process is the innermost one of its lab: it has no child."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:  # noqa: PTH123
        return not children.read().strip()


async def test_a_killed_lab_is_repaired_and_one_that_dies_again_and_again_is_given_up(
    new_service: NewService,
) -> None:
    service = new_service(LAB_PROVISIONER="process", LAB_MAX_RETRIES="2", LAB_RETRY_DELAY="0.1s")
    await service.start()
    async with service.client() as client:
        uid = (await create(client, "ann"))["metadata"]["uid"]
        for repair in range(3):
            await until_state(client, "ann", "ready")
            for pid in processes_of(uid):
                kill_tree(pid)
            drifts = repair + 1

            async def noticed(drifts: int = drifts) -> bool:
                kinds = [entry["type"] for entry in await history(client, "ann")]
                return kinds.count(DRIFT) == drifts

            await eventually(noticed)
        failed = await until_state(client, "ann", "failed")
        assert failed["status"]["reason"] == "ProcessGone"
        assert "2 repairs" in failed["status"]["message"]
        assert processes_of(uid) == []
        assert (await client.post(f"{LABS}/ann/retry")).status_code == 200
        await until_state(client, "ann", "ready")
        await client.delete(f"{LABS}/ann")
        await until_state(client, "ann", "deleted")


async def test_a_runtime_unknown_to_the_log_is_discarded_and_recorded(
    new_service: NewService,
) -> None:
    service = new_service(LAB_PROVISIONER="process")
    await service.start()
    async with service.client() as client:
        uid = (await create(client, "ann"))["metadata"]["uid"]
        await until_state(client, "ann", "ready")
        await service.kill()
        for file in service.data_dir.glob("labs.sqlite*"):
            file.unlink()
        assert processes_of(uid)
        assert "labctl adopt" in await refused(service.variables, "serve")
        assert (await labctl(service.variables, "adopt")).returncode == 0
        await service.start()

        async def unknown() -> bool:
            return (await labctl(service.variables, "discard", "--yes")).returncode == 0

        async def gone() -> bool:
            return not processes_of(uid)

        async def recorded() -> bool:
            return (await client.get(f"{LABS}/ann/history")).status_code == 200

        await eventually(unknown)
        await eventually(gone)
        await eventually(recorded)
        told = await history(client, "ann")
        assert [entry["type"] for entry in told] == ["lab-instance.orphan-terminated.v1"]


async def test_the_service_stops_within_its_grace_period_with_watches_open(
    new_service: NewService,
) -> None:
    service = new_service(LAB_GRACE_PERIOD="2s")
    await service.start()
    async with service.client() as client:
        await create(client, "ann")

        async def watch() -> int:
            async with client.stream("GET", LABS, params={"watch": "1"}) as stream:
                return len([line async for line in stream.aiter_lines()])

        watching = asyncio.create_task(watch())
        await until_state(client, "ann", "ready")
        assert await service.stop() < 6
        assert await watching >= 1


@pytest.mark.timeout(600)
async def test_a_thousand_labs_at_once_become_ready_and_are_deleted(
    new_service: NewService, stores: Stores
) -> None:
    number = 1000 if stores.embedded else 100
    service = new_service(
        LAB_MAX_CONCURRENT_PROVISIONING="200",
        LAB_CONTROLLER_PARALLELISM="32",
        LAB_LOG_LEVEL="warning",
    )
    await service.start()
    names = [f"lab-{index:04d}" for index in range(number)]
    async with service.client() as client:
        for start in range(0, number, 50):
            await asyncio.gather(*(create(client, name) for name in names[start : start + 50]))
        await eventually(lambda: _are_counted(client, "ready", number), within=180)
        assert await _all_are(client, "ready", number)
        for start in range(0, number, 50):
            await asyncio.gather(
                *(client.delete(f"{LABS}/{name}") for name in names[start : start + 50])
            )
        await eventually(lambda: _none_left(client), within=180)
        assert _resident_megabytes(service.pid) < 400


async def _are_counted(client: httpx.AsyncClient, state: str, number: int) -> bool:
    """What the metrics say: while they move, a list of all of them costs much more."""
    lines = (await client.get("/metrics")).text.splitlines()
    return f'lab_instances{{state="{state}"}} {float(number)}' in lines


async def _all_are(client: httpx.AsyncClient, state: str, number: int) -> bool:
    answer = await client.get(
        LABS, params={"fieldSelector": f"status.state={state}", "limit": str(number + 1)}
    )
    return answer.status_code == 200 and len(answer.json()["items"]) == number


async def _none_left(client: httpx.AsyncClient) -> bool:
    answer = await client.get(LABS, params={"limit": "1"})
    return answer.status_code == 200 and not answer.json()["items"]


def _resident_megabytes(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * 4096 / 1e6
