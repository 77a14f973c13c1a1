"""Whatever somebody does to a log is found, and its place named; or it is said who can do it
unseen."""

import asyncio
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY, RecordedEvent
from infrastructure.notary.audit_key import audit_key
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.unusable import Unusable
from tests.contracts.given import RESTARTED, SettableClock, created, new, tip_after
from tests.infrastructure.upkeep.tampering import COVERED, FORGED, LAST_AT, PLAIN
from tests.infrastructure.upkeep.vouched_log import (
    CLOSED,
    FIRST,
    VouchedLog,
    make_log,
    maker_over,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> VouchedLog:
    return asyncio.run(make_log(tmp_path_factory.mktemp("made")))


@pytest.fixture
def log(made: VouchedLog, tmp_path: Path) -> VouchedLog:
    return made.copied(tmp_path)


def test_an_untouched_log_is_proved_and_vouched_for(log: VouchedLog) -> None:
    looked = log.look(anchored=True)
    assert (looked.events, looked.streams, looked.position) == (34, 8, 34)
    assert (looked.findings.first, looked.findings.notices) == ((), [])
    assert looked.last is not None
    assert looked.last.size == 34


@pytest.mark.parametrize(("change", "told"), PLAIN.values(), ids=PLAIN.keys())
def test_a_change_is_found_and_its_place_named(log: VouchedLog, change: str, told: str) -> None:
    log.change(change)
    assert re.search(told, log.found()), log.found()


@pytest.mark.parametrize("change", COVERED.values(), ids=COVERED.keys())
def test_a_change_whose_traces_are_covered_is_not_what_was_signed(
    log: VouchedLog, change: str
) -> None:
    log.change(change, cover=True)
    assert "the checkpoint of 34 events (position 34" in log.found()


@pytest.mark.parametrize("change", COVERED.values(), ids=COVERED.keys())
def test_a_change_is_found_outside_where_what_was_signed_here_is_gone(
    log: VouchedLog, change: str
) -> None:
    log.change(change, cover=True)
    log.forget_checkpoints(above=0)
    assert "the checkpoint of 34 events" not in log.found()
    assert "in outside" in log.found(anchored=True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET recorded_at = recorded_at - 86400000000",
        f"UPDATE events SET data = replace(data, 'ada@', 'eve@') WHERE stream = '{FIRST}'",
    ],
    ids=["all times a day earlier", "the first event"],
)
def test_a_log_with_another_beginning_has_another_name(log: VouchedLog, change: str) -> None:
    log.change(change, cover=True)
    assert "is of another log" in log.found()


async def test_a_hash_of_the_tree_that_is_not_of_its_events_is_found(log: VouchedLog) -> None:
    database = SqliteDatabase.open(log.file, clock=SettableClock())
    many = [new(RESTARTED) for _ in range(300)]
    await SqliteEventStore(database).append("labother-x", many, expected=EMPTY)
    await database.close()
    log.change("UPDATE tree SET hash = zeroblob(32)")
    assert "1 hashes of the tree in the file are not of its events" in log.found()


def test_a_forged_event_at_the_end_is_not_vouched_for(log: VouchedLog) -> None:
    """Until the service vouches for it with its own key: then it is history."""
    forged = FORGED.format(position=35, version=6, at=LAST_AT)
    log.change(forged, cover=True)
    found = log.look()
    assert found.findings.notices == ["1 events are covered by no signed checkpoint yet"]
    assert f"stream '{CLOSED}', version 6" in log.found()
    assert "it was not there: it was never created, or had been deleted" in log.found()


def test_a_life_begun_while_it_is_lived_is_found(log: VouchedLog) -> None:
    again = FORGED.format(position=35, version=4, at=LAST_AT).replace("= 8", "= 26")
    log.change(again, cover=True)
    assert "it was created while it was there" in log.found()


def test_a_stream_that_is_not_that_of_its_lab_is_found(log: VouchedLog) -> None:
    log.change(
        "UPDATE events SET stream = 'labinstance-class-a/zoe' WHERE position > 31", cover=True
    )
    assert "it is of another lab than its stream" in log.found()


NOTE = "SELECT note FROM signed_checkpoints ORDER BY number"


def _forge(connection: sqlite3.Connection, old: str, new: str) -> None:
    [note] = connection.execute(f"{NOTE} DESC LIMIT 1").fetchone()
    assert old in note
    connection.execute(
        "UPDATE signed_checkpoints SET note = ? WHERE size = 34", (note.replace(old, new),)
    )


def test_a_forged_checkpoint_is_signed_by_nobody(log: VouchedLog) -> None:
    log.change(lambda connection: _forge(connection, "\n34\n", "\n33\n"))
    assert "the checkpoint of 33 events in the file of the log is not signed" in log.found()


def test_a_checkpoint_by_another_key_is_not_trusted(log: VouchedLog, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    last = log.look().last
    assert last is not None
    note = audit_key(stranger, None).sign(last)

    def put(file: sqlite3.Connection) -> None:
        file.execute("UPDATE signed_checkpoints SET note = ?", (note,))

    log.change(put)
    assert "not signed by a key that is trusted here" in log.found()


def test_a_checkpoint_that_is_none_is_told(log: VouchedLog) -> None:
    log.change("UPDATE signed_checkpoints SET note = 'rubbish' WHERE size = 34")
    assert "a checkpoint in the file of the log is none: it is no signed note" in log.found()


def test_an_old_checkpoint_replayed_as_the_newest_is_found_outside(log: VouchedLog) -> None:
    log.change(
        "DELETE FROM events WHERE position > 25;DELETE FROM views;"
        "UPDATE checkpoint SET position = 0",
        cover=True,
    )
    log.forget_checkpoints(above=25)
    assert log.found() == ""
    assert "speaks of more than the 25 that are here" in log.found(anchored=True)


async def test_a_forked_log_is_found_by_what_was_left_outside(log: VouchedLog) -> None:
    """Who has the file and the key tells another end from the middle on."""
    await _rewritten(log)
    assert log.found() == ""
    assert "is not of this history: something differs from the first event on" in log.found(
        anchored=True
    )


async def test_an_attacker_with_file_and_key_and_no_anchor_is_out_of_reach(
    log: VouchedLog,
) -> None:
    """All that is here was made by him, and nothing else is known: only an anchor helps."""
    await _rewritten(log)
    looked = log.look()
    assert (looked.findings.total, looked.findings.notices) == (0, [])
    assert looked.last is not None
    assert looked.last.size == looked.size


async def _rewritten(log: VouchedLog) -> None:
    """Another end after the first 25 events, signed with the key."""
    log.change(
        "DELETE FROM events WHERE position > 25;DELETE FROM views;"
        "UPDATE checkpoint SET position = 0",
        cover=True,
    )
    log.forget_checkpoints(above=25)
    clock = SettableClock()
    database = SqliteDatabase.open(log.file, clock=clock)
    store = SqliteEventStore(database)
    fork: list[RecordedEvent] = []
    zed = "labinstance-class-a/zed"
    fork += await store.append(zed, [new(created("zed"))], expected=EMPTY)
    for _ in range(8):
        fork += await store.append(zed, [new(RESTARTED)], expected=tip_after(fork))
    await maker_over(database, audit_key(log.folder, None), log.folder, clock).make()
    await database.close()


def test_events_before_a_trusted_checkpoint_are_not_looked_at_again(log: VouchedLog) -> None:
    since = log.checkpoint(25)
    log.change("UPDATE events SET data = replace(data, '12:05', '12:06') WHERE position = 7")
    looked = log.look(since=since)
    assert (looked.events, looked.size, looked.findings.total) == (9, 34, 0)
    log.change("UPDATE events SET data = replace(data, '12:05', '12:06') WHERE position = 27")
    [finding] = log.look(since=since).findings.first
    assert "position 27" in str(finding)


def test_a_log_that_does_not_go_on_from_the_trusted_checkpoint_is_refused(
    log: VouchedLog,
) -> None:
    since = log.checkpoint(25)
    log.change("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 7")
    with pytest.raises(Unusable, match="does not begin with the checkpoint of 25 events"):
        log.look(since=since)


def test_a_checkpoint_of_another_log_is_not_begun_from(log: VouchedLog) -> None:
    other = replace(log.checkpoint(25), origin="another")
    with pytest.raises(Unusable, match="--since is of another log, another"):
        log.look(since=other)
