"""Whether the file takes what is new: asked by writing as an append does, to pages not in use."""

from application.ports.event_store import EventStoreUnavailable
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.statements import Statements

_OUTAGES = Outages(EventStoreUnavailable)
_NUMBER = "coalesce(max(position), 0) + 1"
_OURS = "FROM followers WHERE name LIKE 'writing-probe/%'"
_PROBE = Statements(
    (
        (
            f"INSERT INTO followers SELECT 'writing-probe/' || ({_NUMBER}), {_NUMBER},"
            f" hex(zeroblob(16384)) {_OURS}",
            (),
        ),
        (f"DELETE {_OURS} AND position < (SELECT max(position) {_OURS})", ()),
    )
)
"""A row of 32 KiB takes pages from the list of free ones, or makes the file longer, before the row
of the time before gives its own back: rewriting one row would never ask for any."""


async def probe_writing(database: SqliteDatabase) -> None:
    """Write so much, durably. Raises EventStoreUnavailable when an append would fail, because the
    disk is full, or cannot be written, or the file has no page to give."""
    with _OUTAGES:
        await database.change_views(_PROBE)
