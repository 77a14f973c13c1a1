"""A log that lost something while the service was down: nothing is begun on it, and nothing that
it does not know is touched."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from infrastructure.sqlite.judgement import open_unchanged
from tests.faults.conftest import NewService
from tests.faults.load import power_cut
from tests.scenarios.labctl import labctl, refused
from tests.scenarios.processes import processes_of
from tests.scenarios.service import LABS, Service, create, eventually, until_state


async def _names(service: Service) -> set[str]:
    async with service.client() as client:
        items = (await client.get(LABS)).json()["items"]
    return {item["metadata"]["name"] for item in items}


def _files(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.glob(pattern))


def _move_log(data_dir: Path, aside: Path) -> None:
    aside.mkdir()
    for file in _files(data_dir, "labs.sqlite*"):
        shutil.move(file, aside / file.name)


async def _folded(service: Service) -> None:
    wal = service.data_dir / "labs.sqlite-wal"

    async def empty() -> bool:
        return wal.stat().st_size == 0

    await eventually(empty, within=30)


async def test_without_its_log_the_service_does_not_start_and_students_keep_their_work(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service(LAB_PROVISIONER="process")
    await service.start()
    async with service.client() as client:
        uid = (await create(client, "ann"))["metadata"]["uid"]
        await until_state(client, "ann", "ready")
    [work] = _files(service.data_dir, f"labs/{uid}/work")
    (work / "thesis.txt").write_text("a year of work")
    await service.kill()
    _move_log(service.data_dir, tmp_path / "aside")

    told = await refused(service.variables, "serve")
    assert "is missing: it is not there, and position" in told
    for witness in ("labs.tip", "labs.tips"):
        (service.data_dir / witness).unlink()
    told = await refused(service.variables, "serve")
    assert "is missing: it is not there, and there is a lab's directory" in told
    (service.data_dir / "labs.sqlite").touch()
    assert "is an empty file" in await refused(service.variables, "serve")

    assert (work / "thesis.txt").read_text() == "a year of work"
    assert processes_of(uid)
    for file in _files(tmp_path / "aside", "*"):
        shutil.copy(file, service.data_dir)
    assert "without its tip" in await refused(service.variables, "serve")
    assert (await labctl(service.variables, "adopt")).returncode == 0
    await service.start()
    async with service.client() as client:
        await until_state(client, "ann", "ready")
        assert (work / "thesis.txt").exists()
        await client.delete(f"{LABS}/ann")
        await until_state(client, "ann", "deleted")


async def test_soon_after_a_write_its_write_ahead_log_may_be_lost(
    new_service: NewService,
) -> None:
    service = new_service(LAB_SIMULATED_DELAY="1h", LAB_RECONCILE_INTERVAL="1h")
    await service.start()
    async with service.client() as client:
        for number in range(5):
            await create(client, f"lab-{number}")
    await _folded(service)
    await power_cut(service)
    (service.data_dir / "labs.sqlite-wal").unlink()
    await service.start()
    assert await _names(service) == {f"lab-{number}" for number in range(5)}


def _cut(data_dir: Path) -> None:
    wal = data_dir / "labs.sqlite-wal"
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 4])


def _bite(data_dir: Path) -> None:
    wal = data_dir / "labs.sqlite-wal"
    content = bytearray(wal.read_bytes())
    content[5000] ^= 4
    wal.write_bytes(content)


@pytest.mark.parametrize("harm", [_cut, _bite])
async def test_a_write_ahead_log_that_lost_acknowledged_events_is_noticed(
    new_service: NewService, harm: Callable[[Path], None]
) -> None:
    service = new_service(LAB_SIMULATED_DELAY="1h")
    await service.start()
    with closing(open_unchanged(service.data_dir / "labs.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()  # nothing is folded meanwhile
        async with service.client() as client:
            for number in range(10):
                await create(client, f"lab-{number}")
        await power_cut(service)
    harm(service.data_dir)
    before = (service.data_dir / "labs.sqlite-wal").read_bytes()
    told = await refused(service.variables, "serve")
    assert "was acknowledged" in told
    assert "its -wal is kept as labs.sqlite-wal.kept-" in told
    assert (service.data_dir / "labs.sqlite-wal").read_bytes() == before


async def test_a_backup_is_made_while_serving_and_restored_into_an_epoch_of_its_own(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service()
    copy = str(tmp_path / "copy.sqlite")
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        made = await labctl(service.variables, "backup", copy)
        assert made.returncode == 0, made.stderr
        lost = (await create(client, "bob"))["metadata"]["resourceVersion"]
    assert "in use by process" in await refused(service.variables, "restore", copy)
    await service.stop()
    shutil.copy(copy, service.data_dir / "labs.sqlite")
    assert "is short" in await refused(service.variables, "serve")
    shutil.copy(tmp_path / "copy.tip", service.data_dir / "labs.tip")
    assert "is short" in await refused(service.variables, "serve")

    restored = await labctl(service.variables, "restore", copy)

    assert restored.returncode == 0, restored.stderr
    assert "epoch 1 begins" in restored.stdout
    await service.start()
    assert await _names(service) == {"ann"}
    async with service.client() as client:
        for query in ("", "&watch=1", "&resourceVersionMatch=Exact"):
            answer = await client.get(f"{LABS}?resourceVersion={lost}{query}")
            assert "list again" in answer.text
        created = await create(client, "bob")
        answer = await client.get(f"{LABS}?resourceVersion={lost}")
        assert (answer.status_code, answer.json()["reason"]) == (410, "Expired")
        assert int(created["metadata"]["resourceVersion"]) >= 2**40
        await until_state(client, "bob", "ready")
    await service.stop()
    assert (await labctl(service.variables, "verify")).returncode == 0
