"""A backup knows nothing of the labs that came after it: they run on until a person decides."""

import shutil
from pathlib import Path

import httpx

from tests.faults.conftest import NewService
from tests.scenarios.labctl import labctl
from tests.scenarios.processes import processes_of
from tests.scenarios.service import Service, create, eventually, history, until_state

ALARM = "labs unknown to the log: 3 of 4; the log is older than they are; nothing of them is"
NEWER = ("bob", "cid", "dan")


async def set_back(service: Service, tmp_path: Path) -> list[str]:
    """A service at work on a backup that knows one of its four labs; the uids of the others."""
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        copy = str(tmp_path / "copy.sqlite")
        assert (await labctl(service.variables, "backup", copy)).returncode == 0
        uids = [(await create(client, name))["metadata"]["uid"] for name in NEWER]
        for name in NEWER:
            await until_state(client, name, "ready")
    await service.stop()
    assert (await labctl(service.variables, "restore", copy)).returncode == 0
    await service.start()
    return uids


async def readiness(service: Service) -> str:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{service.port}/readyz")
    assert answer.status_code == 200, answer.text
    return answer.text


async def until_told(service: Service, *, alarm: bool, text: str = ALARM) -> None:
    async def told() -> bool:
        return (text in await readiness(service)) is alarm

    await eventually(told)


async def test_labs_newer_than_the_backup_run_on_until_they_are_discarded_and_lose_no_file(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service(LAB_PROVISIONER="process")
    uids = await set_back(service, tmp_path)
    await until_told(service, alarm=True)
    thesis = {uid: f"a year of work of {uid}" for uid in uids}
    for uid, text in thesis.items():
        (service.data_dir / "labs" / uid / "work" / "thesis.txt").write_text(text)
    assert ALARM in service.logs.read_text()
    async with service.client() as client:
        await until_state(client, "ann", "ready")
        assert "lab_unknown_labs 3.0" in (await client.get("/metrics")).text

    assert "say --yes" in (await labctl(service.variables, "discard")).stderr
    assert all(processes_of(uid) for uid in uids)
    said = await labctl(service.variables, "discard", "--yes", *uids[:2])

    assert said.returncode == 0, said.stderr
    assert "default/bob" in said.stdout
    assert f"{service.data_dir}/aside/labs" in said.stdout

    async def discarded() -> bool:
        return not any(processes_of(uid) for uid in uids[:2])

    await eventually(discarded)
    await until_told(service, alarm=False)
    for uid in uids[:2]:
        [kept] = (service.data_dir / "aside/labs").glob(f"{uid}.*")
        assert (kept / "work" / "thesis.txt").read_text() == thesis[uid]
    assert processes_of(uids[2]), "nobody said anything about this one"
    left = service.data_dir / "labs" / uids[2] / "work" / "thesis.txt"
    assert left.read_text() == thesis[uids[2]]
    async with service.client() as client:
        [told] = await history(client, "bob")
        assert f"aside/labs/{uids[0]}." in told["proof"]
        await until_state(client, "ann", "ready")


async def test_labs_newer_than_the_backup_can_be_adopted_while_the_service_runs(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service()
    await set_back(service, tmp_path)
    async with service.client() as client:
        await create(client, "eve")
        await until_state(client, "eve", "ready")
    await service.stop()
    await service.start()  # on a log that has gone on, past all that it has lost
    await until_told(service, alarm=True, text=ALARM.replace("of 4", "of 5"))
    said = await labctl(service.variables, "adopt")
    assert said.returncode == 0, said.stderr
    assert "3 labs unknown to the log are adopted" in said.stdout
    await until_told(service, alarm=False)

    async def nothing_is_left() -> bool:
        said = await labctl(service.variables, "discard")
        return "nothing to discard" in said.stderr

    await eventually(nothing_is_left)
    async with service.client() as client:
        assert "lab_unknown_labs 0.0" in (await client.get("/metrics")).text


async def test_the_right_log_put_back_ends_the_alarm_with_nothing_lost(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service(LAB_PROVISIONER="process")
    uids = await set_back(service, tmp_path)
    await until_told(service, alarm=True)
    await service.stop()
    [aside] = (path for path in (service.data_dir / "aside").iterdir() if path.name != "labs")
    for file in aside.iterdir():
        shutil.copy(file, service.data_dir)
    await service.start()
    async with service.client() as client:
        for name in ("ann", *NEWER):
            await until_state(client, name, "ready")
    await until_told(service, alarm=False)
    assert all(processes_of(uid) for uid in uids)
