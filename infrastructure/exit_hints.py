"""The hints that a provisioner gives about runtimes that ended by themselves."""

import asyncio
from collections.abc import AsyncIterator


class ExitHints(AsyncIterator[str]):
    """Each uid is reported once, however often it was added before that."""

    def __init__(self) -> None:
        self._untold: dict[str, None] = {}
        self._some = asyncio.Event()

    def add(self, uid: str) -> None:
        """Report this one to the reader, now or when it asks."""
        self._untold[uid] = None
        self._some.set()

    async def __anext__(self) -> str:
        """The next uid, as soon as there is one."""
        while not self._untold:
            self._some.clear()
            await self._some.wait()
        uid = next(iter(self._untold))
        del self._untold[uid]
        return uid
