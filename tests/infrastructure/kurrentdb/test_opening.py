"""Starting with a right or wrong configuration, and with a server that is not there yet."""

import asyncio

import pytest

from application.ports.event_store import EMPTY, EventStoreUnavailable
from infrastructure.kurrentdb.connection import open_kurrentdb
from tests.contracts.given import SettableClock, new
from tests.infrastructure.kurrentdb.arrangement import PATIENCE, STREAM, everything, refusal
from tests.kurrentdb_server.server import KurrentDBServer, serving


async def test_a_server_too_old_to_say_when_a_subscription_has_caught_up_stops_the_start(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    server.faults.tells_catching_up = False

    assert "EventStoreDB 23.10 or newer" in await refusal(server.uri, clock)


async def test_a_server_that_does_not_know_the_calls_stops_the_start(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    server.faults.unimplemented = True

    assert "does not know what it is asked" in await refusal(server.uri, clock)


async def test_a_web_server_stops_the_start(clock: SettableClock) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
        port = web.sockets[0].getsockname()[1]
        assert "speaks HTTP/1" in await refusal(f"esdb://127.0.0.1:{port}?tls=false", clock)


async def test_a_server_that_is_not_there_yet_is_waited_for_by_those_who_ask(
    clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    server = KurrentDBServer(clock=clock)
    async with serving(server):
        uri = server.uri
        await server.stop()
        started = asyncio.get_running_loop().time()
        async with open_kurrentdb(uri, clock=clock, patience=PATIENCE) as store:
            assert asyncio.get_running_loop().time() - started < 3 * PATIENCE
            assert "the event store cannot be reached yet" in caplog.messages
            with pytest.raises(EventStoreUnavailable):
                await store.head()
            await server.start()
            assert await store.append(STREAM, [new()], expected=EMPTY)


async def test_a_cluster_is_found_through_one_of_its_nodes(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    uri = server.uri.replace("kurrentdb://", "kurrentdb+discover://")

    async with open_kurrentdb(uri, clock=clock) as store:
        recorded = await store.append(STREAM, [new()], expected=EMPTY)
        assert await everything(store) == list(recorded)


async def test_appends_go_to_the_node_that_leads_the_cluster_by_now(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    uri = server.uri.replace("kurrentdb://", "kurrentdb+discover://")

    async with serving(KurrentDBServer(clock=clock)) as elected:
        async with open_kurrentdb(uri, clock=clock) as store:
            server.faults.is_follower, server.faults.leader_port = True, elected.port
            recorded = await store.append(STREAM, [new()], expected=EMPTY)

            assert await everything(store) == list(recorded)
        assert (len(elected.log.records), len(server.log.records)) == (1, 0)


async def test_the_address_may_say_how_long_a_call_may_take(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    async with open_kurrentdb(f"{server.uri}&DefaultDeadline=1", clock=clock) as store:
        server.faults.held.set()
        started = asyncio.get_running_loop().time()
        with pytest.raises(EventStoreUnavailable):
            await store.head()
        assert asyncio.get_running_loop().time() - started < 2
        server.faults.held.clear()
