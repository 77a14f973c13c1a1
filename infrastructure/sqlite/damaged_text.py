"""Text in the file that is not UTF-8, so that SQLite's Python binding refuses to give it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

_REFUSAL = "Could not decode to UTF-8"


def is_damaged_text(error: sqlite3.Error) -> bool:
    """Whether the binding refused a value for that reason: an OperationalError otherwise means
    that the file cannot be used now."""
    return str(error).startswith(_REFUSAL)


@contextmanager
def damaged_text_as_bytes(connection: sqlite3.Connection) -> Iterator[None]:
    """Text that is not UTF-8 comes as bytes meanwhile, all other text as ever. Slow."""
    connection.text_factory = _text_or_bytes
    try:
        yield
    finally:
        connection.text_factory = str


def _text_or_bytes(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
