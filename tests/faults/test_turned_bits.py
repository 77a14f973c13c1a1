"""One bit turned somewhere in the log's files while the service is down: nothing that was
acknowledged goes without a word, and nobody's work goes at all."""

import random
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from infrastructure.sqlite.judgement import open_unchanged
from tests.faults.conftest import NewService
from tests.faults.load import ROUNDS, power_cut, report, servers_of
from tests.scenarios.labctl import labctl
from tests.scenarios.service import LABS, Service, create, until_state

_TURNS = ROUNDS or 4
_FILES = ("labs.sqlite", "labs.sqlite-wal")
_LABS = ("ann", "bob")
_MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.mark.lab
@pytest.mark.timeout(180 + 30 * _TURNS)
async def test_a_turned_bit_is_refused_mended_named_or_harmless_and_takes_no_work(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service(LAB_PROVISIONER="process", LAB_LOG_LEVEL="warning")
    uids, before = await _used(service)
    saved = tmp_path / "saved"
    _copy(service.data_dir, saved)
    theses = {uid: service.data_dir / "labs" / uid / "work" / "thesis.txt" for uid in uids}
    chance, outcomes = random.Random(50), Counter[str]()
    for turn in range(_TURNS):
        _copy(saved, service.data_dir)
        file = service.data_dir / _FILES[turn % 2]
        place = _turn_a_bit(file, chance)
        outcome = await _outcome(service, before, tmp_path / f"mended-{turn}.sqlite")
        await service.kill()
        outcomes[f"{file.name}: {outcome}"] += 1
        assert outcome != "silent", f"bit {place} of {file.name}"
        assert [uid for uid, thesis in theses.items() if thesis.read_text() != uid] == []
        assert [uid for uid in uids if len(servers_of(uid)) != 1] == []
        assert not list(service.data_dir.glob("aside/labs/*"))
    told = "; ".join(f"{outcome} {times} times" for outcome, times in sorted(outcomes.items()))
    report(f"{_TURNS} bits turned, no loss without a word, no work gone: {told}")
    assert outcomes.total() == _TURNS


Seen = Mapping[str, Any]
"""Each lab as the API answers, with its history."""


async def _used(service: Service) -> tuple[list[str], Seen]:
    """A service that lost its power after many changes, half of them in the `-wal` only; the
    uids of its labs, and what it acknowledged."""
    await service.start()
    async with service.client() as client:
        uids = [(await create(client, name))["metadata"]["uid"] for name in _LABS]
        for name, uid in zip(_LABS, uids, strict=True):
            await until_state(client, name, "ready")
            (service.data_dir / "labs" / uid / "work" / "thesis.txt").write_text(uid)
    await _change(service, "folded")
    await service.stop()
    await service.start()
    with closing(open_unchanged(service.data_dir / "labs.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()  # nothing is folded meanwhile
        await _change(service, "in-the-wal")
        before = await _seen(service)
        await power_cut(service)
    return uids, before


async def _change(service: Service, word: str) -> None:
    async with service.client() as client:
        for number in range(20):
            for name in _LABS:
                labels = {"metadata": {"labels": {"step": f"{word}-{number}"}}}
                answer = await client.patch(f"{LABS}/{name}", json=labels, headers=_MERGE)
                assert answer.status_code == 200, answer.text


async def _seen(service: Service) -> Seen:
    """Empty where an answer is an error, or no JSON as it should be."""
    seen: dict[str, Any] = {}
    async with service.client() as client:
        for name in _LABS:
            lab, history = (
                await client.get(f"{LABS}/{name}"),
                await client.get(f"{LABS}/{name}/history"),
            )
            if {lab.status_code, history.status_code} != {200}:
                return {}
            seen[name] = lab.json()["metadata"]["labels"], history.json()["items"]
    return seen


def _copy(source: Path, target: Path) -> None:
    """The log's files, without what was made of others."""
    target.mkdir(exist_ok=True)
    for old in target.glob("labs.*"):
        if old.is_file():
            old.unlink()
    for name in (*_FILES, "labs.tip", "labs.tips"):
        shutil.copy(source / name, target / name)


def _turn_a_bit(file: Path, chance: random.Random) -> int:
    content = bytearray(file.read_bytes())
    place = chance.randrange(8 * len(content))
    content[place // 8] ^= 1 << place % 8
    file.write_bytes(content)
    return place


async def _outcome(service: Service, before: Seen, mended: Path) -> str:
    refusal = await _refusal(service)
    if not refusal:
        return await _told_by_a_service_at_work(service, before)
    assert "Traceback" not in refusal
    assert refusal.startswith("labctl: ")
    if (await labctl(service.variables, "mend", str(mended))).returncode:
        return "refused"
    restored = await labctl(service.variables, "restore", str(mended))
    assert restored.returncode == 0, restored.stderr
    assert await _refusal(service) == ""
    assert _goes_on_from(before, await _seen(service))
    return "refused, and mended without loss"


async def _refusal(service: Service) -> str:
    """The last line of a service that did not start; empty when it did."""
    try:
        await service.start()
    except AssertionError:
        if service.is_alive:
            return "labctl: not ready"
        return service.logs.read_text().splitlines()[-1]
    return ""


async def _told_by_a_service_at_work(service: Service, before: Seen) -> str:
    whole = _goes_on_from(before, await _seen(service))
    await service.stop()
    verified = await labctl(service.variables, "verify")
    if verified.returncode:
        assert verified.stderr.splitlines()[-1].startswith("labctl: ")
        return "started, and named by verify"
    return "started with everything" if whole else "silent"


def _goes_on_from(before: Seen, seen: Seen) -> bool:
    """Whether all is there that was; what came after it may be there too."""
    return all(
        name in seen and seen[name][0] == labels and seen[name][1][: len(history)] == history
        for name, (labels, history) in before.items()
    )
