"""Proving a history that a server keeps."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.chain import BrokenChain
from infrastructure.codec.proof import Proof
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.settings import read_settings
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.verifying import verify_server
from tests.contracts.given import READY, STARTED, created, new, tip_after
from tests.kurrentdb_server.server import KurrentDBServer, serving


@pytest.fixture
async def server() -> AsyncIterator[KurrentDBServer]:
    """With two labs in five events."""
    async with serving(KurrentDBServer(clock=SystemClock())) as server:
        async with open_kurrentdb(server.uri, clock=SystemClock()) as store:
            for name, later in (("ann", [new(STARTED), new(READY)]), ("bob", [new(STARTED)])):
                stream = f"labinstance-a/{name}"
                first = await store.append(stream, [new(created(name))], expected=tip_after([]))
                await store.append(stream, later, expected=tip_after(first))
        yield server


def change(server: KurrentDBServer, place: int, data: bytes) -> None:
    record = server.log.records[place]
    server.log.records[place] = replace(record, event=replace(record.event, data=data))


async def prove(uri: str) -> Proof:
    told: list[tuple[int, int]] = []
    settings = read_settings({"LAB_EVENT_STORE": uri})
    proof = await verify_server(settings, lambda position, end: told.append((position, end)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == proof.position
    return proof


async def test_a_history_is_proven_event_by_event(server: KurrentDBServer) -> None:
    proof = await prove(server.uri)
    assert (proof.events, proof.streams) == (5, 2)


async def test_a_changed_event_is_found(server: KurrentDBServer) -> None:
    data = server.log.records[0].event.data.replace(b"60m", b"90m")
    change(server, 0, data)
    with pytest.raises(BrokenChain, match="'labinstance-a/ann' breaks at 1"):
        await prove(server.uri)


async def test_a_removed_event_is_found(server: KurrentDBServer) -> None:
    del server.log.records[1]
    with pytest.raises(BrokenChain, match="an event is missing"):
        await prove(server.uri)


async def test_an_event_that_nobody_can_read_is_named(server: KurrentDBServer) -> None:
    change(server, 4, b"{}")
    with pytest.raises(UndecodableEvent, match="labinstance-a/bob"):
        await prove(server.uri)


async def test_a_server_that_is_away_is_told_in_one_line() -> None:
    with pytest.raises(Unusable) as refusal:
        await prove("kurrentdb://ann:sesame@127.0.0.1:1?DefaultDeadline=1")
    assert "is unavailable" in str(refusal.value)
    assert "sesame" not in str(refusal.value)
