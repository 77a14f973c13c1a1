"""Views whose document cannot be decoded: told from those that can, and noted for who mends
them."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from domain.lab_instance.key import LabKey
from infrastructure.codec.object_document import Document

K = TypeVar("K")
K_co = TypeVar("K_co", covariant=True)
V = TypeVar("V")
log = logging.getLogger(__name__)


class Keyed(Protocol[K_co]):
    """What has a key."""

    @property
    def key(self) -> K_co:
        """The key."""


T = TypeVar("T", bound=Keyed[object])


class Unreadable(msgspec.Struct, Generic[K], frozen=True, kw_only=True):
    """A view that is there and is not that of its key. `found`: what its store knows it by, and
    that it is still the same."""

    key: K
    found: object
    reason: str


def decoded(document: Document[T], stored: object, *, key: K, found: object) -> T | Unreadable[K]:
    """What is stored under the key. The document of another key is not believed."""
    if not isinstance(stored, str | bytes):
        reason = f"its document is of type {type(stored).__name__}"
        return Unreadable(key=key, found=found, reason=reason)
    try:
        value = document.decode(stored)
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        return Unreadable(key=key, found=found, reason=str(error))
    if value.key != key:
        return Unreadable(key=key, found=found, reason=f"it is that of {value.key}")
    return value


class UnreadableNotes(Generic[K, V]):
    """What was met and is not replaced yet, in turns."""

    def __init__(self) -> None:
        self._met: dict[K, Unreadable[K]] = {}
        self._some = asyncio.Event()

    @property
    def keys(self) -> tuple[K, ...]:
        """Those that are noted."""
        return tuple(self._met)

    def note(self, met: Iterable[Unreadable[K]]) -> None:
        """Remember these; each is reported once."""
        for one in met:
            if self._met.get(one.key) != one:
                word = "lab" if isinstance(one.key, LabKey) else "object"
                log.error("a view cannot be read", extra={word: str(one.key), "error": one.reason})
            self._met[one.key] = one
            self._some.set()

    def readable(self, read: Iterable[V | Unreadable[K]]) -> Sequence[V]:
        """Those that could be read; the others are noted."""
        views: list[V] = []
        for one in read:
            if isinstance(one, Unreadable):
                self.note([one])
            else:
                views.append(one)
        return views

    async def next(self) -> K:
        """The next one's key, as soon as there is any."""
        while not self._met:
            self._some.clear()
            await self._some.wait()
        key = next(iter(self._met))
        self._met[key] = self._met.pop(key)
        return key

    def of(self, key: K) -> Unreadable[K] | None:
        """What was met under the key."""
        return self._met.get(key)

    def forget(self, key: K) -> None:
        """It is no more."""
        self._met.pop(key, None)
