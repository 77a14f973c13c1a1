"""Opening the file: modes, durability, and clear errors. No tables of its own."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from infrastructure.sqlite import schema
from infrastructure.sqlite.log_tree import grow
from infrastructure.sqlite.recorded_tip import record_tip, require_trusted
from infrastructure.sqlite.unusable import UnusableDatabase, described

Connect = Callable[[Path], sqlite3.Connection]
_CACHE_KIB = 64 * 1024
_CHECKPOINT_PAGES = 16_000
_WAL_BYTES = 64 * 1024 * 1024


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose transactions are explicit and that any one thread at a time may use."""
    return sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512
    )


def make_ready(path: Path, connector: Connect, *, labs: int = 0) -> None:
    """Make or check the file, and record its tip. Raises UnusableDatabase, having changed
    nothing where its log is not what was acknowledged. See `judge` for `labs`."""
    try:
        require_trusted(path, labs=labs)
    except (sqlite3.Error, OSError) as error:
        raise UnusableDatabase(path, described(error, path)) from error
    prepare_file(path, connector, record=_record)


def _record(connection: sqlite3.Connection, path: Path) -> None:
    record_tip(connection, path)
    grow(connection)


def prepare_file(
    path: Path,
    connector: Connect,
    *,
    record: Callable[[sqlite3.Connection, Path], object] | None = None,
) -> None:
    """Make the file, or bring its tables up to date, whatever its tip says; then let the tip
    be recorded, where somebody does. Raises UnusableDatabase."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = connector(path)
        try:
            schema.known_version(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            schema.prepare(connection)
            if record is not None:
                record(connection, path)
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise UnusableDatabase(path, described(error, path)) from error
    except schema.SchemaMismatch as error:
        raise UnusableDatabase(path, str(error)) from error


def open_writer(path: Path, connector: Connect) -> sqlite3.Connection:
    """The connection that writes. FULL: a commit has reached the disk when it returns."""
    connection = connector(path)
    for setting in (
        "synchronous = FULL",
        f"cache_size = -{_CACHE_KIB}",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        f"journal_size_limit = {_WAL_BYTES}",
        "busy_timeout = 5000",
        # For speed, decision 25: a crowd's views would each time open and remove a file for what
        # their statement replaces.
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {setting}")
    return connection


def open_reader(path: Path, connector: Connect) -> sqlite3.Connection:
    """A connection that only reads, and never waits for the writer."""
    connection = connector(path)
    connection.execute("PRAGMA query_only = 1")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection
