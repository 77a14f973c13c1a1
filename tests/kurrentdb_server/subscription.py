"""What a subscription to the whole log delivers, message by message."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

from kurrentdbclient.protos.v1 import streams_pb2

from tests.kurrentdb_server import messages
from tests.kurrentdb_server.edition import NOWHERE, Edition
from tests.kurrentdb_server.faults import Faults
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.reading import Message, matcher

LIVE_BUFFER = 100


class LogSubscription:
    """Confirmation, history, CaughtUp, then whatever is appended; for ever.

    One append of more than `LIVE_BUFFER` events makes it fall behind and catch up again; it
    says so before the last event of that append is delivered.
    """

    def __init__(
        self,
        log: Log,
        options: streams_pb2.ReadReq.Options,
        faults: Faults,
        edition: Edition,
    ) -> None:
        """Raises InvalidPosition."""
        self._log = log
        self._edition = edition
        self._delivered = NOWHERE
        self._fell_behind = False
        self._faults = faults
        self._matches = matcher(options, faults)
        self._every = 0
        if options.HasField("filter"):
            self._every = options.filter.max * options.filter.checkpointIntervalMultiplier
        self._considered = 0
        self._after = -1
        self._index = 0
        start = options.all.WhichOneof("all_option")
        if start == "end":
            self._index = len(log.records)
        elif start == "position":
            self._after = options.all.position.commit_position
            self._index = log.index_of(self._after)

    async def messages(self) -> AsyncIterator[Message]:
        """In the order of the log, without gap or repetition."""
        yield messages.confirmation(uuid4())
        while True:
            held_back = 1 if self._fell_behind else 0
            for message in self._pending(upto=len(self._log.records) - held_back):
                yield message
            for message in self._caught_up_checkpoint():
                yield message
            if self._faults.tells_catching_up:
                yield messages.caught_up(self._told_position())
            while len(self._log.records) - self._index <= LIVE_BUFFER:
                for message in self._pending(upto=len(self._log.records)):
                    yield message
                if self._index == len(self._log.records):  # else it grew while that was sent
                    await self._log.grown()
            self._fell_behind = True
            yield messages.fell_behind(self._told_position())

    def _caught_up_checkpoint(self) -> Iterator[Message]:
        if not self._every:
            return
        if self._edition.has_checkpoint_of_delivered:
            yield messages.checkpoint(self._delivered)
        elif self._edition.has_checkpoint_of_considered and self._index:
            yield messages.checkpoint(self._log.records[self._index - 1].position)

    def _pending(self, *, upto: int) -> Iterator[Message]:
        while self._index < upto:
            record = self._log.records[self._index]
            self._index += 1
            self._considered += 1
            if record.position > self._after and self._matches(record):
                self._delivered = record.position
                yield messages.event(record)
            if self._every and self._considered % self._every == 0:
                yield messages.checkpoint(record.position)

    def _told_position(self) -> int | None:
        if not self._edition.tells_positions or not self._log.records:
            return None
        return self._log.records[max(0, self._index - 1)].position
