"""Which time line a position was given in. A server that was set back gives the same commit
positions again: so each position of ours carries the epoch in which it was given."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient import NewEvent as ClientEvent
from kurrentdbclient import RecordedEvent as ClientRecord
from kurrentdbclient.exceptions import NotFoundError

from application.ports.event_store import UndecodableEvent
from infrastructure.kurrentdb.clients import Call, Clients
from infrastructure.kurrentdb.wire import expected_revision, to_commit_position, to_position

STREAM = "labepochs"
_TYPE = "lab-epoch.begun.v1"
_BITS = 43
"""A log of 8.8 TB, and 1,023 epochs, fit into numbers that JSON carries exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What stands at the commit position `begins` or later is numbered anew. Of the positions
    given before, those up to `follows` still hold: what they name is known not to have changed."""

    number: int
    begins: int
    follows: int


@dataclass(frozen=True, slots=True)
class Epochs:
    """Those that the log knows of, in their order; before the first, positions carry a 0."""

    begun: Sequence[Epoch] = ()

    @property
    def present(self) -> int:
        """The number of the one that lasts."""
        return self.begun[-1].number if self.begun else 0

    def position_of(self, commit_position: int) -> int:
        """The port's place of what stands there."""
        number = max(
            (one.number for one in self.begun if one.begins <= commit_position), default=0
        )
        return (number << _BITS) + to_position(commit_position)

    def commit_position_of(self, position: int) -> int | None:
        """The server's place of it; None is before everything, and where the time line has left
        it: then all that comes after it has a larger position in any case."""
        if not self.hold(position):
            return None
        return to_commit_position(position & ((1 << _BITS) - 1))

    def hold(self, position: int) -> bool:
        """Whether it may have been given in this time line."""
        number = number_of(position)
        return number <= self.present and all(
            position <= one.follows for one in self.begun if one.number > number
        )


def number_of(position: int) -> int:
    """The epoch in which it was given."""
    return position >> _BITS


class KnownEpochs:
    """What this process knows of them. None begins while a service works on the log, so they are
    asked for once, and again where the log is not what it was."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: Epochs | None = None

    async def present(self) -> Epochs:
        """As known. Raises EventStoreError."""
        return self._known or await self.anew()

    async def anew(self) -> Epochs:
        """As the server has them. Raises EventStoreError."""

        async def read(client: AsyncKurrentDBClient, call: Call) -> Sequence[ClientRecord]:
            response = await client.read_stream(STREAM, **call)
            return [record async for record in response]

        try:
            records = await self._clients.ask(read, NotFoundError)
        except NotFoundError:
            records = ()
        self._known = Epochs([_epoch(record) for record in records])
        return self._known

    async def begin(self, epoch: Epoch, *, reason: str) -> None:
        """Begin one, whose number is larger than that of any before it. Raises EventStoreError."""
        content = {**asdict(epoch), "reason": reason}
        event = ClientEvent(
            id=uuid4(),
            type=_TYPE,
            data=json.dumps(content).encode(),
            content_type="application/json",
        )
        before = (await self.anew()).begun
        revision = expected_revision(len(before))

        async def append(client: AsyncKurrentDBClient, call: Call) -> int:
            return await client.append_to_stream(
                STREAM, events=[event], current_version=revision, **call
            )

        await self._clients.ask(append)
        await self.anew()


def _epoch(record: ClientRecord) -> Epoch:
    try:
        content = json.loads(record.data)
        return Epoch(
            number=int(content["number"]),
            begins=int(content["begins"]),
            follows=int(content["follows"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        position = to_position(record.commit_position)
        raise UndecodableEvent(position, STREAM, record.type, str(error)) from error
