"""Rows of the views that cannot be decoded: noted, left out, and replaced."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from infrastructure.codec.unreadable import Unreadable, UnreadableNotes
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES
from infrastructure.sqlite.statements import Statements, Value

K = TypeVar("K")
V = TypeVar("V")
Step = tuple[str, Sequence[Value]]


class UnreadableRows(Generic[K, V]):
    """The UnreadableViews contract, over rows as they were met. `steps`: those that remove such
    a row while it is what was met, and only then put the view in its place."""

    def __init__(
        self,
        database: SqliteDatabase,
        steps: Callable[[Unreadable[K], V | None], Sequence[Step]],
    ) -> None:
        self._database = database
        self._notes: UnreadableNotes[K, V] = UnreadableNotes()
        self._steps = steps

    @property
    def unreadable(self) -> tuple[K, ...]:
        """See UnreadableViews."""
        return self._notes.keys

    def readable(self, read: Iterable[V | Unreadable[K]]) -> Sequence[V]:
        """Those that could be read; the others are remembered, and each is reported once."""
        return self._notes.readable(read)

    async def found(self) -> K:
        """See UnreadableViews."""
        return await self._notes.next()

    async def replace(self, key: K, view: V | None) -> None:
        """See UnreadableViews. The row is known by what stands in it: where that is not there
        any more, somebody wrote meanwhile or its subject has gone, and nothing is written."""
        row = self._notes.of(key)
        if row is None:
            return
        with VIEWS_OUTAGES:
            await self._database.change_views(Statements(self._steps(row, view)))
        self._notes.forget(key)


def in_hex(row: Unreadable[K]) -> str:
    """The document that was met, as SQLite's `hex` gives it."""
    return row.found.hex().upper() if isinstance(row.found, bytes) else ""
