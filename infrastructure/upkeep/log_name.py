"""The name of the log in use, by its first event."""

import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

from domain.log_tree.checkpoint import origin_by
from domain.log_tree.tree import event_leaf
from infrastructure.codec.instants import to_microseconds
from infrastructure.data_directory.claim import database_in
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.judgement import open_unchanged
from infrastructure.sqlite.log_tree import leaves_after
from infrastructure.sqlite.unusable import UnusableDatabase, described
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.troubles import one_line


async def name_of_log(settings: Settings) -> str:
    """Raises Unusable, also where there are no events yet."""
    embedded = settings.event_store == SQLITE
    file = database_in(settings.data_dir)
    leaf = _of_file(file) if embedded else await _of_server(settings)
    if leaf is None:
        raise Unusable("the log has no name yet: there are no events")
    return origin_by(leaf)


def _of_file(path: Path) -> bytes | None:
    if not path.exists():
        return None
    try:
        with closing(open_unchanged(path)) as connection:
            first = leaves_after(connection, 0, 1)
            return first[0][1] if first else None
    except sqlite3.Error as error:
        raise UnusableDatabase(path, described(error, path)) from error


async def _of_server(settings: Settings) -> bytes | None:
    from infrastructure.kurrentdb.raw_log import open_raw_log  # noqa: PLC0415  loads a client

    with one_line():
        async with (
            open_raw_log(settings.event_store, clock=SystemClock()) as log,
            aclosing(log.read(after=0)) as events,
        ):
            async for stored in events:
                at, hash_ = to_microseconds(stored.recorded_at), stored.metadata[-66:-2]
                return event_leaf(stored.position, at, bytes.fromhex(hash_.decode()))
    return None
