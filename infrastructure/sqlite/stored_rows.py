"""Rows of the file read as the stored events that they are."""

import sqlite3
from collections.abc import Iterator, Sequence
from uuid import UUID

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.instants import from_microseconds
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.sqlite.damaged_text import damaged_text_as_bytes, is_damaged_text
from infrastructure.sqlite.event_rows import EventRow, rows_of

Chunk = Sequence[StoredEvent | UndecodableEvent]
"""Events as a query asked for them; in place of one that cannot be read, what is wrong."""


def fetch_chunk(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[StoredEvent]:
    """The events that a chunk query asks for, in its order. Raises UndecodableEvent."""
    return [to_stored(row) for row in fetch_rows(connection, query, parameters)]


def fetch_each(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Chunk:
    """The same, where one that cannot be read does not keep back those before it."""
    return [_stored_or_error(row) for row in fetch_rows(connection, query, parameters)]


def delivered(chunk: Chunk) -> Iterator[StoredEvent]:
    """The events of the chunk. Raises UndecodableEvent after those before it."""
    for one in chunk:
        if isinstance(one, UndecodableEvent):
            raise one
        yield one


def fetch_rows(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[EventRow]:
    """The rows that a chunk query asks for. Text that is not UTF-8 is bytes in them, which
    `to_stored` refuses."""
    try:
        return rows_of(connection, query, parameters)
    except sqlite3.OperationalError as error:
        if not is_damaged_text(error):
            raise
    with damaged_text_as_bytes(connection):
        return rows_of(connection, query, parameters)


def to_stored(row: EventRow) -> StoredEvent:
    """The event that a row holds. Raises UndecodableEvent when it holds what nobody wrote."""
    position, stream, version, id_, type_, data, metadata, recorded_at = row
    try:
        return StoredEvent(
            position=position,
            stream=_text(stream),
            version=version,
            id=UUID(bytes=id_),
            type=_text(type_),
            data=_text(data).encode(),
            metadata=_text(metadata).encode(),
            recorded_at=from_microseconds(recorded_at),
        )
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"its row is damaged ({error})"
        raise UndecodableEvent(position, str(stream), str(type_), reason) from error


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"no text, but {type(value).__name__}")


def _stored_or_error(row: EventRow) -> StoredEvent | UndecodableEvent:
    try:
        return to_stored(row)
    except UndecodableEvent as error:
        return error
