"""Directories of labs that nobody knows: moved in one step, kept for their time, then removed.

When one was set aside stands in its name, which the service alone has written: no time that a
lab can set is ever read.
"""

import errno
import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from application.ports.provisioner import ProvisionerError
from infrastructure.process.departures import Departures
from infrastructure.process.files import is_uid, places_aside
from infrastructure.process.removal import leaving, leaving_name
from infrastructure.process.workers import Workers

log = logging.getLogger(__name__)

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMPED = len("00000000T000000.000000Z")
_CONFIRMED = 3600.0
"""For so many seconds the clock must say that one has been kept long enough."""
_ENOUGH = 15.0


class Aside:
    """What was set aside of the labs below `root`. `now` is the clock's; `ticks` are seconds that
    nobody can set."""

    def __init__(
        self,
        data_dir: Path,
        root: Path,
        workers: Workers,
        *,
        retention: timedelta,
        now: Callable[[], datetime],
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._root = root
        self._data_dir = data_dir
        self._places = places_aside(data_dir, root)
        self._departures = {place: Departures(place, workers) for place in self._places}
        self._workers = workers
        self._retention = retention
        self._now = now
        self._ticks = ticks
        self._due_since: dict[Path, float] = {}
        self._turn = 0

    async def keep(self, uid: str) -> Path | None:
        """Move what is there of the lab; where it lies from now on, None when there is nothing.
        Raises ProvisionerError, and what could not be moved is where it was."""
        return await self._workers.end(uid, self._move_all, uid)

    async def clear(self) -> None:
        """Go on removing what was kept for its time, for some seconds. May raise
        ProvisionerUnavailable."""
        due = self._confirmed(await self._workers.run(self._due))
        begun = self._ticks()
        for path in due[self._turn :] + due[: self._turn]:
            self._turn = (self._turn + 1) % len(due)
            try:
                await self._departures[path.parent].remove(path.name)
            except ProvisionerError as trouble:
                told = {"place": str(path), "error": str(trouble)}
                log.warning("what was set aside cannot be removed yet", extra=told)
            else:
                log.info(
                    "what was set aside has been kept for its time", extra={"place": str(path)}
                )
            if self._ticks() - begun > _ENOUGH:
                return

    async def close(self) -> None:
        """Leave what is left to the next service."""
        for departures in self._departures.values():
            await departures.close()

    def told(self, place: Path) -> str:
        """The place as people may see it who see no path of this machine."""
        if place.is_relative_to(self._data_dir):
            return str(place.relative_to(self._data_dir))
        return str("labs" / place.relative_to(self._root))

    def _move_all(self, uid: str) -> Path | None:
        own = self._root / uid
        found = [own] if os.path.lexists(own) else []
        found += leaving(self._root, uid)  # a removal that nobody can answer for any more
        stamp = f"{self._now().astimezone(UTC):{_STAMP}}"
        kept = [
            self._move(source, f"{uid}.{stamp}" + (f".{number}" if number else ""))
            for number, source in enumerate(found)
        ]
        return kept[0] if kept else None

    def _move(self, source: Path, name: str) -> Path:
        near, beside = self._places
        near.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return source.rename(near / name)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        beside.mkdir(mode=0o700, exist_ok=True)  # the labs are on another file system
        return source.rename(beside / name)

    def _due(self) -> Sequence[Path]:
        """What the clock says has been kept for its time, and what is on its way out."""
        found: list[Path] = []
        for place in filter(Path.is_dir, self._places):
            found += (place / name for one in leaving(place) if (name := leaving_name(one)))
            with os.scandir(place) as entries:
                found += (place / entry.name for entry in entries if self._is_due(entry.name))
        return found

    def _is_due(self, name: str) -> bool:
        uid, _, stamp = name.partition(".")
        try:
            since = datetime.strptime(f"{stamp[:_STAMPED]}+0000", f"{_STAMP}%z")
        except ValueError:
            return False  # not of this service: not its to remove
        return is_uid(uid) and self._now() - since >= self._retention

    def _confirmed(self, due: Sequence[Path]) -> list[Path]:
        """Those that have been due for a while: one reading of a clock removes nothing."""
        now = self._ticks()
        self._due_since = {path: self._due_since.get(path, now) for path in due}
        return sorted(
            path
            for path, since in self._due_since.items()
            if now - since >= _CONFIRMED or not os.path.lexists(path)
        )
