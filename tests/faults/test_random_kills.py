"""The service and its writer are killed again and again at random moments under load, with real
labs: nothing acknowledged is lost or done twice, and no student's work."""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import NewService
from tests.faults.load import (
    ROUNDS,
    Acknowledged,
    assert_all_is_there,
    assert_log_holds_each_once,
    load,
    report,
    servers_of,
    until_ready,
)
from tests.scenarios.processes import lab_processes
from tests.scenarios.service import Service

_KILLS = ROUNDS or 6


@pytest.mark.lab
@pytest.mark.timeout(120 + 20 * _KILLS)
async def test_random_kills_under_load_lose_nothing_and_start_no_lab_twice(
    new_service: NewService,
) -> None:
    service = new_service(LAB_PROVISIONER="process", LAB_LOG_LEVEL="warning")
    await service.start()
    chance = random.Random(20)
    killed: Counter[str] = Counter()
    theses: set[str] = set()
    async with load(service, clients=2, pause=0.1) as told:
        for _ in range(_KILLS):
            if chance.random() < 0.7:  # else it dies while it starts
                await until_ready(service)
            await asyncio.sleep(chance.uniform(0.05, 1.5))
            if chance.random() < 0.5 and _kill_writer(service):
                killed["writer"] += 1
                continue
            await service.kill()
            killed["service"] += 1
            theses |= _write_theses(service.data_dir, told)
            assert _running_twice(told) == []
            service.launch()
    await assert_all_is_there(service, told)
    kept = [told.uids[name] for name in told.labels]
    assert _running_twice(told) == []
    assert all(len(servers_of(uid)) == 1 for uid in kept)
    written = theses.intersection(kept)
    assert [uid for uid in written if not _thesis_of(service.data_dir, uid).exists()] == []
    await service.stop()
    assert not list(service.data_dir.glob("aside/labs/*"))
    events = await assert_log_holds_each_once(service.data_dir, told)
    report(
        f"{sum(killed.values())} kills ({killed['service']} of the service, {killed['writer']} "
        f"of its writer): {told.writes} writes acknowledged, 0 lost, 0 doubled; {events} events; "
        f"{len(told.uids)} labs, {len(kept)} kept, {len(written)} of them with work that is still "
        f"there, 0 running twice; "
        f"{told.broken} connections broken, {told.refusals[503]} answers 503"
    )
    assert "Traceback" not in service.logs.read_text()
    assert len(lab_processes(service.data_dir)) > 0
    assert told.writes > _KILLS


def _kill_writer(service: Service) -> bool:
    """False where there is none now: it has only begun, or another one is about to."""
    with suppress(AssertionError, OSError):
        os.kill(service.writer_pid, signal.SIGKILL)
        return True
    return False


def _thesis_of(data_dir: Path, uid: str) -> Path:
    return data_dir / "labs" / uid / "work" / "thesis.txt"


def _write_theses(data_dir: Path, told: Acknowledged) -> set[str]:
    """Whose work there is now."""
    written = set()
    for uid in told.uids.values():
        with suppress(FileNotFoundError):
            _thesis_of(data_dir, uid).write_text(uid)
            written.add(uid)
    return written


def _running_twice(told: Acknowledged) -> list[str]:
    return [uid for uid in told.uids.values() if len(servers_of(uid)) > 1]
