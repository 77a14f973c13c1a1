"""Labs on their way out: what is left of each is removed beside everything else."""

import asyncio
from pathlib import Path

from application.ports.provisioner import ProvisionerError
from infrastructure.process.removal import NotRemovable, Removal
from infrastructure.process.workers import Workers

_PIECE = 0.1
_PATIENCE = 5.0


class RemovalUnfinished(ProvisionerError):
    """The directory of a lab is still being removed, or cannot be."""

    def __init__(self, uid: str, why: str) -> None:
        self.uid = uid
        super().__init__(f"the files of the lab with uid {uid!r} are not removed yet: {why}")


class Departures:
    """Removes the directories of labs, each in pieces, so that a large one takes its turn with
    the others. Who asks waits for a while only; the removal goes on and the next who asks
    finds it further, or done."""

    def __init__(self, root: Path, workers: Workers) -> None:
        self._root = root
        self._workers = workers
        self._under_way: dict[str, asyncio.Task[bool]] = {}
        self._closing = False

    async def remove(self, uid: str) -> bool:
        """Remove everything of the lab; whether there was anything. Raises RemovalUnfinished
        as long as something is left, and ProvisionerError."""
        task = self._under_way.get(uid)
        if task is None:
            task = asyncio.create_task(self._removed(uid))
            self._under_way[uid] = task
        await asyncio.wait([task], timeout=_PATIENCE)
        if not task.done():
            raise RemovalUnfinished(uid, f"there are many in {self._root / uid}; they are going")
        del self._under_way[uid]
        try:
            return task.result()
        except NotRemovable as trouble:
            why = f"{trouble}; make it removable, it is tried again"
            raise RemovalUnfinished(uid, why) from trouble

    async def close(self) -> None:
        """Leave what is left to the next service; the piece in hand is finished."""
        self._closing = True
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _removed(self, uid: str) -> bool:
        removal = Removal(self._root, uid)
        while not await self._workers.end(uid, removal.work, _PIECE):
            if self._closing:
                raise RemovalUnfinished(uid, "the service is ending")
        return removal.found
