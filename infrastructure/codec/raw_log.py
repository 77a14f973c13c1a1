"""A log as the bytes that are stored: for moving a history elsewhere, and for proving it."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from infrastructure.codec.stored_event import StoredEvent


class RawLog(Protocol):
    """All events of ours in one store, in their order. Nobody else writes to it meanwhile.

    Every method raises EventStoreUnavailable when the store cannot be used.
    """

    def read(self, *, after: int) -> AsyncGenerator[StoredEvent, None]:
        """The events behind a position, up to the present end."""

    async def end(self) -> int:
        """The position of the last event; 0 when there is none."""

    async def append(self, events: Sequence[StoredEvent]) -> None:
        """Add events behind all others: with their streams, versions, ids and bytes, in this
        order, and with positions of this store. When it fails or is killed, a first part of
        them is stored. Raises StreamConflict when a stream does not end where one belongs."""
