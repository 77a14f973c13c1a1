"""A log that is vouched for, and somebody who changes it and covers the traces."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from uuid import UUID, uuid5

import msgspec

from application.event_log.labs import LABS
from application.event_log.merged_changes import merged
from application.event_log.replay import Replay
from application.ports.event_store import NewEvent, Tip
from application.proving.checkpoint_maker import CheckpointMaker
from domain.lab_instance.events import LabInstanceEvent
from domain.log_tree.checkpoint import LogCheckpoint, read_checkpoint
from domain.log_tree.note import read_note
from infrastructure.auditing.vouched import Source
from infrastructure.codec.chain import _ENCODER, _digest
from infrastructure.notary.audit_key import AuditKey, audit_key, trusted_keys
from infrastructure.notary.doubled_checkpoints import DoubledCheckpoints
from infrastructure.notary.note_file import NOTES, notes_in
from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.log_tip import LogTip, caught_up
from infrastructure.sqlite.log_tree import LogTree
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.recorded_tip import replace_tip
from infrastructure.sqlite.signed_checkpoints import SqliteLogTree, SqliteSignedCheckpoints
from infrastructure.upkeep.auditing import Audited, Wanted, audit_file
from tests.contracts.given import (
    GOING,
    GONE,
    READY,
    STARTED,
    SettableClock,
    created,
    everything,
)

CLOSED, LIVE = "labinstance-class-a/ann", "labinstance-class-a/bob"
FIRST, OTHER = "labinstance-class-a/abe", "labinstance-class-a/cat"
_IDS = UUID(int=7)
Change = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True)
class VouchedLog:
    """A data directory; the last note in it was left outside as well."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "labs.sqlite"

    @property
    def outside(self) -> Source:
        notes = notes_in(self.folder.parent / "outside.notes")
        return Source(name="outside", notes=notes, own=False)

    def copied(self, parent: Path) -> "VouchedLog":
        copytree(self.folder.parent, parent, dirs_exist_ok=True)
        return VouchedLog(parent / self.folder.name)

    def change(self, change: str | Change, *, cover: bool = False) -> None:
        """Do it, and make everything anew that follows from events, if wanted: all that can be
        done without the key."""
        with closing(connect(self.file)) as connection:
            connection.execute("BEGIN")
            if isinstance(change, str):
                for statement in change.split(";"):
                    connection.execute(statement)
            else:
                change(connection)
            if cover:
                reseal(connection)
                grow_again(connection)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cover:
                replace_tip(self.file, caught_up(connection, LogTip()))

    def forget_checkpoints(self, *, above: int) -> None:
        """Remove what was signed of more events than these."""
        self.change(f"DELETE FROM signed_checkpoints WHERE size > {above}")
        kept = [
            note for note in notes_in(self.folder / NOTES) if int(note.split("\n")[1]) <= above
        ]
        (self.folder / NOTES).write_text("".join(f"{note}\n" for note in kept))

    def checkpoint(self, size: int) -> LogCheckpoint:
        """The one of that size."""
        notes = map(read_note, notes_in(self.folder / NOTES))
        found = (read_checkpoint(note.text) for note in notes)
        return next(one for one in found if one.size == size)

    def look(self, *, anchored: bool = False, since: LogCheckpoint | None = None) -> Audited:
        """As `labctl audit verify` does."""
        sources = [Source(name=NOTES, notes=notes_in(self.folder / NOTES), own=True)]
        if anchored:
            sources.append(self.outside)
        wanted = Wanted(keys=trusted_keys(self.folder), sources=sources, since=since)
        return audit_file(self.file, wanted, lambda _position, _end: None)

    def found(self, *, anchored: bool = False) -> str:
        """Every find, in a line."""
        return "\n".join(map(str, self.look(anchored=anchored).findings.first))


async def make_log(parent: Path) -> VouchedLog:
    """Eight labs, five of which are gone; 34 events, and three checkpoints."""
    folder = parent / "data"
    folder.mkdir()
    log = VouchedLog(folder)
    clock = SettableClock()
    database = SqliteDatabase.open(log.file, clock=clock)
    store, key = SqliteEventStore(database), audit_key(folder, None)
    maker = maker_over(database, key, folder, clock)
    for name in ("abe", "ann", "cat", "dan", "eve", "bob", "fay", "gil"):
        gone = name not in {"bob", "fay", "gil"}
        life = (created(name), STARTED, READY, *((GOING, GONE) if gone else ()))
        await record(store, f"labinstance-class-a/{name}", life, clock)
        if name in {"cat", "eve", "gil"}:
            await maker.make()
    await project(database, store)
    await database.close()
    (parent / "outside.notes").write_text(notes_in(folder / NOTES)[-1] + "\n")
    return log


def maker_over(
    database: SqliteDatabase, key: AuditKey, folder: Path, clock: SettableClock
) -> CheckpointMaker:
    kept = DoubledCheckpoints(SqliteSignedCheckpoints(database), folder / NOTES)
    return CheckpointMaker(SqliteLogTree(database), kept, key.sign, clock)


async def record(
    store: SqliteEventStore, stream: str, life: Sequence[LabInstanceEvent], clock: SettableClock
) -> None:
    """Under ids that are the same each time."""
    tip = Tip(0, "")
    for number, event in enumerate(life, 1):
        clock.at += timedelta(seconds=1)
        id_ = uuid5(_IDS, f"{stream} {number}")
        new = NewEvent(id=id_, event=event, metadata={"actor": "admin"})
        [recorded] = await store.append(stream, [new], expected=tip)
        tip = Tip(recorded.version, recorded.metadata["hash"])


async def project(database: SqliteDatabase, store: SqliteEventStore) -> None:
    """All views, as a projector would write them."""
    views, replay = SqliteReadModel(database), Replay(LABS, store)
    events = await everything(store)
    changes = [change for one in events if (change := await replay.change(one))]
    await views.apply(list(merged(changes)), position=events[-1].position)


def reseal(connection: sqlite3.Connection) -> None:
    """Chain all streams again as they stand."""
    query = (
        "SELECT position, stream, id, type, data, metadata FROM events ORDER BY stream, version"
    )
    previous: dict[str, str] = {}
    for position, stream, id_, type_, data, metadata in connection.execute(query).fetchall():
        readable = msgspec.json.decode(metadata)
        readable.pop("hash", None)
        readable["previousHash"] = before = previous.get(stream, "")
        bare = _ENCODER.encode(readable)
        parts = [before.encode(), stream.encode(), id_, type_.encode(), data.encode(), bare]
        previous[stream] = hash_ = _digest(parts)
        sealed = bare[:-1].decode() + f',"hash":"{hash_}"}}'
        connection.execute("UPDATE events SET metadata = ? WHERE position = ?", (sealed, position))


def grow_again(connection: sqlite3.Connection) -> None:
    """The tree that the writer would have made over what is there."""
    connection.execute("DELETE FROM tree")
    tree = LogTree.caught_up(connection)
    tree.write(connection)
