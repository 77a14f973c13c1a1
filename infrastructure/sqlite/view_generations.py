"""The ViewGenerations port on the SQLite file: the next generation is a file of its own, whose
views come over in one transaction, or, where the pages in use are damaged, the log to it."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from application.ports.clock import Clock
from application.ports.read_model import ReadModelUnavailable
from application.ports.view_generations import NextViews
from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.database_files import remove_database, shm_of, sync_directory, wal_of
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.recorded_tip import last_known_tip
from infrastructure.sqlite.salvage import damage_of, take_over_log
from infrastructure.sqlite.unusable import UnusableDatabase, described

_COME_OVER = (
    "BEGIN IMMEDIATE",
    "DELETE FROM main.views",
    "INSERT INTO main.views SELECT * FROM fresh.views",
    "DELETE FROM main.documents",
    "INSERT INTO main.documents SELECT * FROM fresh.documents",
    "DELETE FROM main.commands",
    "INSERT INTO main.commands SELECT * FROM fresh.commands",
    "DELETE FROM main.checkpoint",
    "DELETE FROM main.lifetimes",
    "INSERT INTO main.lifetimes SELECT * FROM fresh.lifetimes",
    "DELETE FROM main.stretches",
    "INSERT INTO main.stretches SELECT * FROM fresh.stretches",
    "INSERT INTO main.checkpoint (position, origin, indexed) "
    "SELECT position, origin, indexed FROM fresh.checkpoint",
    "COMMIT",
)


class SqliteViewGenerations:
    """The ViewGenerations contract over the file at `path`. Only for whoever holds the data
    directory: a service that works there would not notice that its views are others.

    `release` lets go of the file, which nobody may have open while another takes its place.
    """

    def __init__(
        self, path: Path, clock: Clock, *, release: Callable[[], Awaitable[None]]
    ) -> None:
        self._path = path
        self._release = release
        self._beside = path.with_name(f"{path.stem}-views.sqlite")
        self._clock = clock
        self._fresh: SqliteDatabase | None = None

    async def begin(self) -> NextViews:
        await self.close()
        try:
            self._fresh = SqliteDatabase.open(self._beside, clock=self._clock)
        except UnusableDatabase as error:
            raise ReadModelUnavailable(str(error)) from error
        return NextViews(
            labs=SqliteReadModel(self._fresh),
            past=SqlitePastIndex(self._fresh),
            api_objects=SqliteApiObjects(self._fresh),
        )

    async def switch(self) -> None:
        """See ViewGenerations. Nobody else can have replaced the views."""
        if self._fresh is not None:
            await self._fresh.close()
        try:
            if await asyncio.to_thread(damage_of, self._path):
                await self._release()
                await asyncio.to_thread(self._take_place)
            else:
                await asyncio.to_thread(self._swap_in)
        except (sqlite3.Error, OSError) as error:
            raise ReadModelUnavailable(described(error, self._path)) from error
        await self.close()

    async def close(self) -> None:
        """Remove the file of a generation that is not in use."""
        fresh, self._fresh = self._fresh, None
        if fresh is not None:
            await fresh.close()
        remove_database(self._beside)

    def _take_place(self) -> None:
        """The new file, with the log in it as well, instead of the damaged one, which is kept
        under another name before its own goes over: at every moment one of them has it."""
        take_over_log(self._path, self._beside, last_known_tip(self._path) or LogTip())
        kept = self._free_name()
        os.link(self._path, kept)
        with suppress(FileNotFoundError):
            os.link(wal_of(self._path), wal_of(kept))
        for beside in (wal_of(self._path), shm_of(self._path)):
            beside.unlink(missing_ok=True)
        self._beside.replace(self._path)
        sync_directory(self._path.parent)

    def _free_name(self) -> Path:
        """Where the damaged file is kept; an interrupted attempt may have kept it before."""
        name = f"{self._path.name}.damaged-{self._clock.now():%Y%m%dT%H%M%SZ}"
        names = (name if number == 1 else f"{name}-{number}" for number in count(1))
        paths = (self._path.with_name(name) for name in names)
        return next(path for path in paths if not any(map(os.path.lexists, (path, wal_of(path)))))

    def _swap_in(self) -> None:
        with closing(open_writer(self._path, connect)) as connection:
            connection.execute("ATTACH ? AS fresh", (str(self._beside),))
            for statement in _COME_OVER:
                connection.execute(statement)
