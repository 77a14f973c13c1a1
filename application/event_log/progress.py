"""How far something has come along the positions, and waiting for it to come further."""

import asyncio
from contextlib import suppress


class Progress:
    """A position that only moves forward. Used from one event loop. `hindrance`: why it does not
    move at present, in words, where that is known; `hearsay`: what other replicas say of that,
    until it moves."""

    def __init__(self) -> None:
        self.hindrance = ""
        self.hearsay = ""
        self._position = 0
        self._moved: asyncio.Event | None = None
        self._wanted: list[int] = []
        self._asked: asyncio.Event | None = None

    @property
    def position(self) -> int:
        """The furthest position reached so far."""
        return self._position

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a position not reached yet."""
        return any(wanted > self._position for wanted in self._wanted)

    def advance(self, position: int) -> None:
        """Note that `position` has been reached; an older one changes nothing."""
        if position <= self._position:
            return
        self._position = position
        self.hearsay = ""
        if self._moved is not None:
            self._moved.set()
            self._moved = None

    async def reached(self, position: int, *, within: float) -> bool:
        """Wait until `position` is reached, at most `within` seconds, and say whether it is."""
        if self._position >= position:
            return True
        self._wanted.append(position)
        if self._asked is not None:
            self._asked.set()
        try:
            async with asyncio.timeout(within):
                while self._position < position:
                    await self.moved()
        except TimeoutError:
            return self._position >= position
        finally:
            self._wanted.remove(position)
        return True

    async def asked_for(self, *, within: float) -> None:
        """Wait until somebody waits for a position not reached yet, at most `within` seconds."""
        if self.is_awaited:
            return
        self._asked = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._asked.wait()
        self._asked = None

    async def moved(self) -> None:
        """Wait for the next move."""
        if self._moved is None:
            self._moved = asyncio.Event()
        await self._moved.wait()
