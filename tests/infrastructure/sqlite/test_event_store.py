"""What SQLite adds to the contract of event stores: durability, falling behind."""

import asyncio
import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from application.ports.event_store import (
    EMPTY,
    CaughtUp,
    EventStoreUnavailable,
    Tip,
    UndecodableEvent,
)
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.epochs import begin_epoch
from infrastructure.sqlite.event_rows import head_of
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, append_numbered, new, numbered, tip_after
from tests.infrastructure.sqlite.reading import STREAM, everything, items


async def test_events_are_there_after_reopening(path: Path) -> None:
    clock = SettableClock()
    database = SqliteDatabase.open(path, clock=clock)
    recorded = await append_numbered(SqliteEventStore(database), STREAM, 3)
    await database.close()
    await database.close()

    again = SqliteDatabase.open(path, clock=clock)
    store = SqliteEventStore(again)
    assert await everything(store) == recorded
    [fourth] = await store.append(STREAM, [new()], expected=tip_after(recorded))
    await again.close()

    assert fourth.position > recorded[-1].position


async def test_times_do_not_fall_over_a_restart(path: Path) -> None:
    clock = SettableClock()
    database = SqliteDatabase.open(path, clock=clock)
    [first] = await append_numbered(SqliteEventStore(database), STREAM, 1)
    await database.close()
    clock.at = clock.at.replace(year=1999)

    again = SqliteDatabase.open(path, clock=clock)
    [second] = await SqliteEventStore(again).append("other", [new()], expected=EMPTY)
    await again.close()

    assert second.recorded_at == first.recorded_at


async def test_a_slow_subscriber_goes_back_to_the_file_and_catches_up_again(
    store: SqliteEventStore,
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=0)]
        recorded = await append_numbered(store, STREAM, 1)
        assert await items(subscription, 1) == recorded
        for number in range(4):
            events = [new() for _ in range(10)]
            recorded += await store.append(f"other-{number}", events, expected=EMPTY)

        received = await items(subscription, 41)

    assert received == [*recorded[1:], CaughtUp(position=recorded[-1].position)]


async def test_live_events_are_the_ones_that_were_appended(store: SqliteEventStore) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        await items(subscription, 1)
        [recorded] = await append_numbered(store, STREAM, 1)
        [received] = await items(subscription, 1)

    assert received is recorded


async def test_a_closed_store_says_so_to_all(path: Path) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    store = SqliteEventStore(database)
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        await items(subscription, 1)
        waiting = asyncio.create_task(items(subscription, 1))
        await asyncio.sleep(0)
        last = asyncio.create_task(store.append(STREAM, [new()], expected=EMPTY))
        await asyncio.sleep(0)
        await database.close()

        assert len(await last) == 1
        assert await asyncio.wait_for(asyncio.shield(waiting), 10) == list(last.result())
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await store.append(STREAM, [new()], expected=EMPTY)
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await store.head()
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await items(store.subscribe_all(after=0), 1)


async def test_readers_stop_at_an_undecodable_event_and_never_skip_it(
    store: SqliteEventStore, path: Path
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET data = '{}' WHERE version = 2")
    connection.close()

    for read in (
        store.read_stream(STREAM),
        store.read_all(after=0),
        store.subscribe_all(after=0),
    ):
        assert await items(read, 1) == recorded[:1]
        with pytest.raises(UndecodableEvent, match="at position 2 of stream") as stop:
            await anext(read)
        assert stop.value.type == "lab-instance.restart-requested.v1"


@pytest.mark.parametrize("column", ["data", "metadata", "type", "stream"])
async def test_an_event_whose_text_is_not_utf8_is_undecodable_after_all_before_it(
    store: SqliteEventStore, path: Path, column: str
) -> None:
    recorded = await append_numbered(store, STREAM, 12)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE events SET {column} = CAST(x'fb' AS TEXT) WHERE version = 11")
    connection.close()

    readers = [store.read_all(after=0), store.subscribe_all(after=0)]
    if column != "stream":
        readers.append(store.read_stream(STREAM))
    for read in readers:
        assert await items(read, 10) == recorded[:10]
        with pytest.raises(UndecodableEvent, match="at position 11 of stream"):
            await anext(read)
    newest_first = store.read_back()
    assert await items(newest_first, 1) == recorded[11:]
    with pytest.raises(UndecodableEvent, match="at position 11"):
        await anext(newest_first)
    assert await store.head() == 12


async def test_an_event_whose_row_is_damaged_comes_after_all_before_it(
    store: SqliteEventStore, path: Path
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET recorded_at = 1 << 62 WHERE version = 3")
    connection.close()

    for read in (store.read_stream(STREAM), store.read_all(after=0)):
        assert await items(read, 2) == recorded[:2]
        with pytest.raises(UndecodableEvent, match="at position 3 of stream"):
            await anext(read)


async def test_a_second_writer_in_one_batch_builds_on_the_first(store: SqliteEventStore) -> None:
    first = store.append(STREAM, [numbered(1)], expected=EMPTY)
    second = store.append(STREAM, [numbered(2)], expected=Tip(1, "of the first"))
    again = store.append(STREAM, [numbered(1)], expected=EMPTY)

    [one], [two], [one_again] = await asyncio.gather(first, second, again)

    assert (one.version, two.version) == (1, 2)
    assert one_again == one


async def test_a_cancelled_append_disturbs_nobody(store: SqliteEventStore) -> None:
    gone = asyncio.create_task(store.append(STREAM, [numbered(1)], expected=EMPTY))
    await asyncio.sleep(0)
    gone.cancel()

    [again] = await store.append(STREAM, [numbered(1)], expected=EMPTY)

    assert again.version == 1
    assert await everything(store) == [again]


async def test_an_event_in_file_and_buffer_is_delivered_once(
    store: SqliteEventStore, database: SqliteDatabase
) -> None:
    [first] = await append_numbered(store, STREAM, 1)
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [first]
        appending = asyncio.create_task(store.append("other", [new()], expected=EMPTY))
        await asyncio.sleep(0)
        while database.read(head_of) < 2:
            """The loop is held here: the event is committed and cannot be published yet."""
        second, caught_up = await items(subscription, 2)
        assert [second] == list(await appending)
        [third] = await store.append("third", [new()], expected=EMPTY)

        assert await items(subscription, 1) == [third]
    assert caught_up == CaughtUp(position=second.position)


async def test_what_lies_between_two_epochs_is_lost_and_what_is_to_come_is_not(
    path: Path,
) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    await append_numbered(SqliteEventStore(database), STREAM, 3)
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        begin_epoch(connection, path, reason="put back", at=0)
    again = SqliteDatabase.open(path, clock=SettableClock())
    store, first = SqliteEventStore(again), 1 << 40

    async def lost(*positions: int) -> list[bool]:
        return [await store.is_lost(position) for position in positions]

    assert await lost(0, 1, 3) == [False] * 3
    assert await lost(4, 900, first - 1) == [True] * 3
    assert await lost(first, first + 7) == [False] * 2
    [next_] = await store.append("other", [new()], expected=EMPTY)
    assert next_.position == first
    assert await lost(0, 3, 4, first - 1, first) == [False, False, True, True, False]
    await again.close()


async def test_of_a_log_that_lost_everything_only_its_beginning_is_a_place(path: Path) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        begin_epoch(connection, path, reason="empty", at=0)
    again = SqliteDatabase.open(path, clock=SettableClock())
    store = SqliteEventStore(again)
    assert [await store.is_lost(position) for position in (0, 1, 1 << 40)] == [False, True, False]
    await again.close()
