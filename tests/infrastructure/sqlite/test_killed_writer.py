"""Real processes: one is killed while it writes, one may not make its files any longer."""

import select
import socket
import subprocess
import sys
from pathlib import Path

from infrastructure.sqlite.connections import connect, make_ready
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.frames import framed
from infrastructure.sqlite.requests import encode
from infrastructure.sqlite.statements import Statements
from tests.contracts.given import SettableClock, append_numbered

KILLED = """
import asyncio, sys
from pathlib import Path
from application.ports.event_store import EMPTY
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, new

async def write(store, task):
    for number in range(1_000_000):
        one, = await store.append(f"{task}-{number}", [new()], expected=EMPTY)
        print(one.position, one.id, flush=True)

async def main():
    store = SqliteEventStore(SqliteDatabase.open(Path(sys.argv[1]), clock=SettableClock()))
    await asyncio.gather(*[write(store, task) for task in range(8)])

asyncio.run(main())
"""

LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from application.ports.event_store import EMPTY, EventStoreUnavailable
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, new

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    database = SqliteDatabase.open(Path(sys.argv[1]), clock=SettableClock())
    store = SqliteEventStore(database)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    stored = refused = 0
    while refused < 3:
        try:
            await store.append(f"s{stored}", [new(note="x" * 2000)], expected=EMPTY)
            stored += 1
        except EventStoreUnavailable:
            refused += 1
    assert len([one async for one in store.read_all(after=0)]) == stored > 5
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.append("with room again", [new()], expected=EMPTY)
    print(stored + 1, flush=True)
    await database.close()

asyncio.run(main())
"""


async def test_every_acknowledged_event_outlives_the_killed_writer(path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(400)]
        writer.kill()
        told += [line for line in writer.stdout if line.endswith("\n")]

    database = SqliteDatabase.open(path, clock=SettableClock())
    store = SqliteEventStore(database)
    kept = {f"{one.position} {one.id}\n" async for one in store.read_all(after=0)}
    assert len(await append_numbered(store, "goes on", 1)) == 1
    await database.close()

    assert len(told) >= 400
    assert set(told) <= kept


async def test_a_file_that_may_not_grow_refuses_until_it_may_again(path: Path) -> None:
    done = subprocess.run(  # noqa: ASYNC221  nothing else runs here
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    )

    database = SqliteDatabase.open(path, clock=SettableClock())
    kept = [one async for one in SqliteEventStore(database).read_all(after=0)]
    await database.close()

    assert len(kept) == int(done.stdout)


def test_a_writer_whose_service_was_killed_with_an_answer_unread_ends_in_silence(
    tmp_path: Path,
) -> None:
    file = tmp_path / "lab.db"
    make_ready(file, connect)
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "infrastructure.sqlite.writer_child", str(file)]
    with theirs:
        writer = subprocess.Popen(command, stdin=theirs.fileno(), stderr=subprocess.PIPE)
    with ours:
        ours.sendall(framed(encode([Statements((("SELECT 1", ()),))])))
        select.select([ours], [], [], 60)
    with writer:
        _, told = writer.communicate(timeout=60)
    assert (told, writer.returncode) == (b"", 0)
