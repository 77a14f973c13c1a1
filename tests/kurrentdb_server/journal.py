"""The log on disk, for a server that is killed and started again."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from tests.kurrentdb_server.records import Proposed, Record

_TABLE = """
CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY, stream TEXT, revision INTEGER, created INTEGER,
    id BLOB, type TEXT, content_type TEXT, data BLOB, metadata BLOB
) STRICT
"""


class Journal:
    """Keeps records in an SQLite file; a killed process loses nothing that it acknowledged."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(_TABLE)

    def records(self) -> Iterator[Record]:
        """All of them, in order."""
        for row in self._connection.execute("SELECT * FROM records ORDER BY position"):
            position, stream, revision, created, id_, type_, content_type, data, metadata = row
            yield Record(
                position=position,
                stream=stream,
                revision=revision,
                created=created,
                event=Proposed(
                    id=UUID(bytes=id_),
                    type=type_,
                    content_type=content_type,
                    data=data,
                    metadata=metadata,
                ),
            )

    def write(self, records: Iterable[Record]) -> None:
        """Add these, all or none."""
        rows = [
            (
                one.position,
                one.stream,
                one.revision,
                one.created,
                one.event.id.bytes,
                one.event.type,
                one.event.content_type,
                one.event.data,
                one.event.metadata,
            )
            for one in records
        ]
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
