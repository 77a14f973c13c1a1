"""Proving a history that a server keeps."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.ports.event_store import UndecodableEvent
from domain.log_tree.checkpoint import LogCheckpoint, origin_by
from domain.log_tree.tree import GrowingTree, event_leaf
from infrastructure.auditing.vouched import Source
from infrastructure.codec.chain import BrokenChain
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.proof import Proof
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.raw_log import open_raw_log
from infrastructure.notary.audit_key import AuditKey, audit_key
from infrastructure.settings import read_settings
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.auditing import Wanted
from infrastructure.upkeep.verifying import audit_server, verify_server
from tests.contracts.given import NOON, READY, STARTED, created, new, tip_after
from tests.kurrentdb_server.server import KurrentDBServer, serving


@pytest.fixture
async def server() -> AsyncIterator[KurrentDBServer]:
    """With two labs in five events."""
    async with serving(KurrentDBServer(clock=SystemClock())) as server:
        async with open_kurrentdb(server.uri, clock=SystemClock()) as store:
            for name, later in (("ann", [new(STARTED), new(READY)]), ("bob", [new(STARTED)])):
                stream = f"labinstance-a/{name}"
                first = await store.append(
                    stream, [new(created(name, namespace="a"))], expected=tip_after([])
                )
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


async def signed_by(key: AuditKey, uri: str) -> str:
    """A checkpoint of all that the server has."""
    tree, name, position = GrowingTree(), "", 0
    async with open_raw_log(uri, clock=SystemClock()) as log:
        async for stored in log.read(after=0):
            hash_ = bytes.fromhex(stored.metadata[-66:-2].decode())
            position = stored.position
            tree.extend([event_leaf(position, to_microseconds(stored.recorded_at), hash_)])
            name = name or origin_by(tree.root)
    values = {"origin": name, "size": tree.size, "root": tree.root, "position": position}
    return key.sign(LogCheckpoint(**values, at=NOON))  # type: ignore[arg-type]  # they fit


async def test_a_servers_history_is_held_against_what_was_signed_elsewhere(
    server: KurrentDBServer, tmp_path: Path
) -> None:
    key = audit_key(tmp_path, None)
    outside = Source(name="outside", notes=[await signed_by(key, server.uri)], own=False)
    wanted = Wanted(keys=frozenset({key.public}), sources=[outside])
    settings = read_settings({"LAB_EVENT_STORE": server.uri})

    async def finds() -> str:
        looked = await audit_server(settings, wanted, lambda _position, _end: None)
        return "\n".join(map(str, looked.findings.first))

    assert await finds() == ""
    change(server, 0, server.log.records[0].event.data.replace(b"60m", b"90m"))
    assert "stream 'labinstance-a/ann', version 1" in await finds()
    change(server, 0, server.log.records[0].event.data.replace(b"90m", b"60m"))
    del server.log.records[-1]
    assert "speaks of more than the 4 that are here" in await finds()
