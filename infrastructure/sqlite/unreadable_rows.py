"""Rows of the views that cannot be decoded: noted, left out, and replaced."""

import asyncio
import logging
from collections.abc import Iterable

from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES
from infrastructure.sqlite.statements import Statements
from infrastructure.sqlite.view_rows import Unreadable, put_in_its_place

_DELETE = "DELETE FROM views WHERE namespace = ? AND name = ? AND hex(document) = ?"
log = logging.getLogger(__name__)


class UnreadableRows:
    """The UnreadableViews contract, over rows as they were met."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._rows: dict[LabKey, Unreadable] = {}
        self._some = asyncio.Event()

    @property
    def unreadable(self) -> tuple[LabKey, ...]:
        """See UnreadableViews."""
        return tuple(self._rows)

    def note(self, rows: Iterable[Unreadable]) -> None:
        """Remember these rows; each is reported once."""
        for row in rows:
            if self._rows.get(row.key) != row:
                log.error(
                    "a view cannot be read", extra={"lab": str(row.key), "error": row.reason}
                )
            self._rows[row.key] = row
            self._some.set()

    async def found(self) -> LabKey:
        """See UnreadableViews."""
        while not self._rows:
            self._some.clear()
            await self._some.wait()
        key = next(iter(self._rows))
        self._rows[key] = self._rows.pop(key)
        return key

    async def replace(self, key: LabKey, view: LabInstanceView | None) -> None:
        """See UnreadableViews. The row is known by what stands in it: where that is not there
        any more, somebody wrote meanwhile or the lab has gone, and nothing is written."""
        row = self._rows.get(key)
        if row is None:
            return
        gone = (_DELETE, (key.namespace, key.name, (row.document or b"").hex().upper()))
        steps = (gone,) if view is None else (gone, put_in_its_place(view))
        with VIEWS_OUTAGES:
            await self._database.change_views(Statements(steps))
        self._rows.pop(key, None)
