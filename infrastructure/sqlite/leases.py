"""Leases in the same file as the log, written by its one writer."""

from collections.abc import Mapping
from datetime import timedelta

from application.ports.leases import Lease, LeasesUnavailable
from infrastructure.codec.instants import to_microseconds
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.statements import Statements, Value

_ACQUIRE = """
INSERT INTO leases (name, holder, token, until) VALUES (?, ?, 1, ?)
ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder, token = leases.token + 1, until = excluded.until
WHERE leases.until <= ? OR leases.holder = excluded.holder
RETURNING token
"""
_RENEW = """
UPDATE leases SET until = ? WHERE name = ? AND holder = ? AND token = ? AND until > ?
RETURNING token
"""
_RELEASE = "UPDATE leases SET until = 0 WHERE name = ? AND holder = ? AND token = ?"
_HOLDERS = "SELECT name, holder FROM leases WHERE until > ?"
_OUTAGES = Outages(LeasesUnavailable)


class SqliteLeases:
    """The Leases contract over an open database, which somebody else closes. The machine's
    clock, as the database is given it, decides when leases end."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        now, until = self._now_and_then(seconds)
        token = await self._changed(_ACQUIRE, (name, holder, until, now))
        return None if token is None else Lease(name=name, holder=holder, token=token)

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        now, until = self._now_and_then(seconds)
        values = (until, lease.name, lease.holder, lease.token, now)
        return await self._changed(_RENEW, values) is not None

    async def release(self, lease: Lease) -> None:
        await self._changed(_RELEASE, (lease.name, lease.holder, lease.token))

    async def holders(self) -> Mapping[str, str]:
        now, _ = self._now_and_then(0)
        with _OUTAGES:
            rows = self._database.read(lambda file: file.execute(_HOLDERS, (now,)).fetchall())
        return dict(rows)

    def _now_and_then(self, seconds: float) -> tuple[int, int]:
        now = self._database.clock.now()
        return to_microseconds(now), to_microseconds(now + timedelta(seconds=seconds))

    async def _changed(self, statement: str, values: tuple[Value, ...]) -> int | None:
        """The token in the row that was changed; None when none was."""
        with _OUTAGES:
            token = await self._database.change_views(Statements(((statement, values),)))
        return token if isinstance(token, int) else None
