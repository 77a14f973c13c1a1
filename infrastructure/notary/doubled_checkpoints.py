"""Signed checkpoints kept in a file beside their store as well."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from application.ports.signed_checkpoints import KeptCheckpoint, SignedCheckpoints
from infrastructure.notary.note_file import add_note

log = logging.getLogger(__name__)


class DoubledCheckpoints:
    """The SignedCheckpoints contract over another. The file is there for whoever loses the
    store: it is written first, and what it lacks is said and no harm."""

    def __init__(self, inner: SignedCheckpoints, path: Path) -> None:
        self._inner = inner
        self._path = path

    async def keep(self, size: int, note: str) -> None:
        try:
            await asyncio.to_thread(add_note, self._path, note)
        except OSError as error:
            extra = {"path": str(self._path), "error": str(error.strerror)}
            log.warning("a checkpoint is not in its file", extra=extra)
        await self._inner.keep(size, note)

    async def latest(self, size: int | None = None) -> KeptCheckpoint | None:
        return await self._inner.latest(size)

    async def page(self, *, before: int | None, limit: int) -> Sequence[KeptCheckpoint]:
        return await self._inner.page(before=before, limit=limit)
