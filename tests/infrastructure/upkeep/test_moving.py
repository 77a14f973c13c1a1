"""Copying a history between stores: what comes over, and what is refused."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from application.ports.event_store import EventStore, RecordedEvent
from infrastructure.codec.chain import BrokenChain
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.settings import Settings, read_settings
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.copying import Copied
from infrastructure.upkeep.moving import copy_between
from tests.contracts.given import (
    READY,
    STARTED,
    SettableClock,
    append_numbered,
    created,
    everything,
    new,
    tip_after,
)
from tests.kurrentdb_server.server import KurrentDBServer, serving

_SECRET = "://ann:sesame@127.0.0.1:1"


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """The source: two labs whose events take turns, in the configured data directory."""
    (tmp_path / "data").mkdir()
    async with _embedded(tmp_path / "data") as store:
        await _two_labs(store)
    return read_settings({"LAB_DATA_DIR": str(tmp_path / "data")})


async def _two_labs(store: EventStore) -> None:
    ann = await store.append("labinstance-a/ann", [new(created("ann"))], expected=tip_after([]))
    bob = await store.append("labinstance-a/bob", [new(created("bob"))], expected=tip_after([]))
    ann = await store.append("labinstance-a/ann", [new(STARTED)], expected=tip_after(ann))
    await store.append("labinstance-a/bob", [new(STARTED), new(READY)], expected=tip_after(bob))
    await store.append("labinstance-a/ann", [new(READY)], expected=tip_after(ann))


@asynccontextmanager
async def _embedded(data_dir: Path) -> AsyncIterator[EventStore]:
    database = SqliteDatabase.open(data_dir / "labs.sqlite", clock=SettableClock())
    yield SqliteEventStore(database)
    await database.close()


async def _copy(settings: Settings, source: str | None, target: str | None) -> Copied:
    told: dict[str, tuple[int, int]] = {}
    try:
        return await copy_between(
            settings,
            source=source,
            target=target,
            tell=lambda label: lambda position, end: told.update({label: (position, end)}),
        )
    finally:
        assert all(position <= end for position, end in told.values())


def _same(recorded: list[RecordedEvent]) -> list[tuple[object, ...]]:
    return [(one.stream, one.version, one.id, one.type, one.metadata) for one in recorded]


async def test_order_ids_metadata_and_chain_come_over_and_back(
    settings: Settings, tmp_path: Path
) -> None:
    async with serving(KurrentDBServer(clock=SystemClock())) as server:
        there = await _copy(settings, "sqlite", server.uri)
        async with (
            _embedded(settings.data_dir) as old,
            open_kurrentdb(server.uri, clock=SystemClock()) as new_,
        ):
            before = await everything(old)
            moved = await everything(new_)
        assert _same(moved) == _same(before)
        back = await _copy(settings, server.uri, str(tmp_path / "back"))
    assert there == back == Copied(events=6, streams=2, already=0)
    async with _embedded(tmp_path / "back") as returned:
        assert await everything(returned) == moved
        [*_, last] = [one async for one in returned.read_stream("labinstance-a/ann")]
        await returned.append("labinstance-a/ann", [new()], expected=tip_after([last]))


async def test_a_copy_of_a_file_in_a_file_has_the_very_positions_and_times(
    settings: Settings, tmp_path: Path
) -> None:
    await _copy(settings, "sqlite", str(tmp_path / "copy" / "labs.sqlite"))
    async with _embedded(settings.data_dir) as old, _embedded(tmp_path / "copy") as copied:
        assert await everything(copied) == await everything(old)


async def test_what_was_added_since_comes_over_the_next_time(
    settings: Settings, tmp_path: Path
) -> None:
    target = str(tmp_path / "copy")
    await _copy(settings, "sqlite", target)
    async with _embedded(settings.data_dir) as old:
        await append_numbered(old, "labinstance-a/eve", 3)
    assert await _copy(settings, "sqlite", target) == Copied(events=9, streams=3, already=6)


async def test_a_target_with_another_history_is_refused_and_stays(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    async with _embedded(tmp_path / "other") as other:
        await append_numbered(other, "labinstance-a/ann", 2)
        before = await everything(other)
    with pytest.raises(Unusable, match="holds something else: its event at position 1"):
        await _copy(settings, "sqlite", str(tmp_path / "other"))
    with pytest.raises(Unusable, match="holds something else"):
        await _copy(settings, str(tmp_path / "other"), "sqlite")
    async with _embedded(tmp_path / "other") as other:
        assert await everything(other) == before


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("sqlite", "sqlite", "the same store"),
        ("sqlite", None, "the same store"),
        ("sqlite", "./data/../data", "the same store"),
        ("./nowhere", "sqlite", "no labs.sqlite in"),
        ("oracle", "sqlite", "--from 'oracle': must be sqlite, a data directory"),
        ("sqlite", "", "--to '': must be"),
        ("sqlite", f"mongodb{_SECRET}", "--to 'mongodb://...': must be"),
        ("sqlite", f"kurrentdb{_SECRET}?Tls=maybe", "option Tls is true or false"),
        ("sqlite", f"kurrentdb{_SECRET}?DefaultDeadline=1", "is unavailable"),
    ],
)
async def test_what_cannot_be_copied_is_said_in_one_line(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    source: str | None,
    target: str | None,
    told: str,
) -> None:
    monkeypatch.chdir(settings.data_dir.parent)
    with pytest.raises(Unusable) as refusal:
        await _copy(settings, source, target)
    assert told in str(refusal.value)
    assert "sesame" not in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
    assert [path.name for path in settings.data_dir.parent.iterdir()] == ["data"]


async def test_a_history_that_was_changed_is_copied_up_to_the_change_at_most(
    settings: Settings, tmp_path: Path
) -> None:
    with sqlite3.connect(settings.data_dir / "labs.sqlite") as log:
        log.execute("UPDATE events SET data = replace(data, '60m', '90m') WHERE version = 1")
    log.close()
    with pytest.raises(BrokenChain, match="labinstance-a/ann"):
        await _copy(settings, "sqlite", str(tmp_path / "copy"))
    async with _embedded(tmp_path / "copy") as copied:
        assert await everything(copied) == []
