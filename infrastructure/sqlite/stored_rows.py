"""Rows of the file read as the stored events that they are."""

import sqlite3
from collections.abc import Sequence
from uuid import UUID

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.sqlite.event_rows import EventRow, rows_of
from infrastructure.sqlite.instants import from_microseconds


def fetch_chunk(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[StoredEvent]:
    """The events that a chunk query asks for, in its order."""
    return [to_stored(row) for row in rows_of(connection, query, parameters)]


def to_stored(row: EventRow) -> StoredEvent:
    """The event that a row holds. Raises UndecodableEvent when it holds what nobody wrote."""
    position, stream, version, id_, type_, data, metadata, recorded_at = row
    try:
        return StoredEvent(
            position=position,
            stream=stream,
            version=version,
            id=UUID(bytes=id_),
            type=type_,
            data=data.encode(),
            metadata=metadata.encode(),
            recorded_at=from_microseconds(recorded_at),
        )
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"its row is damaged ({error})"
        raise UndecodableEvent(position, str(stream), str(type_), reason) from error
