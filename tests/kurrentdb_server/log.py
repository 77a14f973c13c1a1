"""The log: appends under an expectation, revisions, positions, deletion. Knows no wire."""

import asyncio
import json
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from application.ports.clock import Clock
from tests.kurrentdb_server.journal import Journal
from tests.kurrentdb_server.records import (
    ANY,
    EXISTS,
    NO_STREAM,
    Appended,
    InvalidPosition,
    Proposed,
    Record,
    StreamDeleted,
    WrongExpectedVersion,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_EVERYTHING = 2**63 - 1
_TOMBSTONE = "$streamDeleted"
_METADATA = "$metadata"


class Log:
    """Everything that was appended, in memory, and in a file when one is given."""

    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock = clock
        self._journal = Journal(file) if file else None
        self._positions: list[int] = []
        self._streams: dict[str, list[Record]] = {}
        self._news = asyncio.Event()
        self.records: list[Record] = []
        for record in self._journal.records() if self._journal else ():
            self._remember(record)

    def append(self, stream: str, expected: int, events: Sequence[Proposed]) -> Appended:
        """Store all or nothing, or find out that it is a repeat.

        Raises WrongExpectedVersion and StreamDeleted.
        """
        known = self._streams.get(stream, [])
        if known and known[-1].event.type == _TOMBSTONE:
            raise StreamDeleted(stream)
        if expected in (ANY, EXISTS):
            repeated = self._weakly_known(stream, expected, events)
        else:
            repeated = self._known(stream, expected, events)
        if repeated:
            return Appended(revision=repeated.revision, position=repeated.position)
        return self._stored(stream, events)

    def delete(self, stream: str, expected: int) -> Appended:
        """Hide what the stream holds; an append goes on behind it."""
        self._check_for_deletion(stream, expected)
        return self._hide(stream, before=_EVERYTHING)

    def tombstone(self, stream: str, expected: int) -> Appended:
        """Close the stream for ever."""
        self._check_for_deletion(stream, expected)
        return self._write(stream, [_system_event(_TOMBSTONE, {})])

    def lose_everything(self) -> None:
        """As if an empty backup had been restored; only for logs without a file."""
        self.records.clear()
        self._positions.clear()
        self._streams.clear()

    def set_back(self, records: int) -> None:
        """As if a backup had been restored that held so many; only for logs without a file."""
        for record in self.records[records:]:
            self._streams[record.stream].pop()
        del self.records[records:], self._positions[records:]

    def is_tombstoned(self, stream: str) -> bool:
        known = self._streams.get(stream, [])
        return bool(known) and known[-1].event.type == _TOMBSTONE

    def visible(self, stream: str) -> Sequence[Record] | None:
        """What readers of the stream see; None when there is no such stream."""
        known = self._streams.get(stream, [])
        settings = self._settings(stream)
        first = int(settings.get("$tb", 0))
        if not known or first == _EVERYTHING:
            return None
        if "$maxCount" in settings:
            first = max(first, len(known) - int(settings["$maxCount"]))
        return known[first:]

    def index_of(self, position: int) -> int:
        """Which record stands there. Raises InvalidPosition between records."""
        index = bisect_left(self._positions, position)
        if index < len(self.records) and self._positions[index] == position:
            return index
        if position >= self.end:
            return len(self.records)
        raise InvalidPosition

    @property
    def end(self) -> int:
        """Where the next record will stand."""
        return self.records[-1].end if self.records else 0

    async def grown(self) -> None:
        """Wait for the next append."""
        await self._news.wait()

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _known(self, stream: str, expected: int, events: Sequence[Proposed]) -> Record | None:
        known = self._streams.get(stream, [])
        current = len(known) - 1
        if expected == current or (expected == NO_STREAM and self._is_hidden(stream)):
            return None
        after = known[expected + 1 : expected + 1 + len(events)]
        if expected > current or [one.event.id for one in after] != [one.id for one in events]:
            raise WrongExpectedVersion(stream, expected, current)
        return after[-1] if after else None

    def _weakly_known(
        self, stream: str, expected: int, events: Sequence[Proposed]
    ) -> Record | None:
        known = self._streams.get(stream, [])
        if expected == EXISTS and self._is_hidden(stream):
            raise StreamDeleted(stream)
        if expected == EXISTS and not known and f"$${stream}" not in self._streams:
            raise WrongExpectedVersion(stream, expected, NO_STREAM)
        places = {one.event.id: one for one in known}
        found = [places.get(one.id) for one in events]
        if not found or found[0] is None:
            return None
        if None in found:
            raise WrongExpectedVersion(stream, expected, len(known) - 1)
        return found[-1]

    def _stored(self, stream: str, events: Sequence[Proposed]) -> Appended:
        known = self._streams.get(stream, [])
        if not events:
            return Appended(revision=len(known) - 1, position=None)
        hidden = self._is_hidden(stream)
        appended = self._write(stream, events)
        if hidden:
            self._hide(stream, before=appended.revision - len(events) + 1)
        return appended

    def _check_for_deletion(self, stream: str, expected: int) -> None:
        current = len(self._streams.get(stream, [])) - 1
        if self.is_tombstoned(stream):
            raise StreamDeleted(stream)
        if expected not in (ANY, current) and (expected != EXISTS or current < 0):
            raise WrongExpectedVersion(stream, expected, current)

    def _hide(self, stream: str, *, before: int) -> Appended:
        settings = self._settings(stream) | {"$tb": before}
        return self._write(f"$${stream}", [_system_event(_METADATA, settings)])

    def _is_hidden(self, stream: str) -> bool:
        return bool(self._settings(stream).get("$tb") == _EVERYTHING)

    def _settings(self, stream: str) -> dict[str, Any]:
        told = self._streams.get(f"$${stream}")
        settings: dict[str, Any] = json.loads(told[-1].event.data) if told else {}
        return settings

    def _write(self, stream: str, events: Sequence[Proposed]) -> Appended:
        created = (self._clock.now() - _EPOCH) // _TICK * 10
        position, revision = self.end, len(self._streams.get(stream, []))
        records: list[Record] = []
        for event in events:
            records.append(
                Record(
                    position=position,
                    stream=stream,
                    revision=revision,
                    created=created,
                    event=event,
                )
            )
            position, revision = records[-1].end, revision + 1
        if self._journal:
            self._journal.write(records)
        for record in records:
            self._remember(record)
        news, self._news = self._news, asyncio.Event()
        news.set()
        return Appended(revision=revision - 1, position=records[-1].position)

    def _remember(self, record: Record) -> None:
        self.records.append(record)
        self._positions.append(record.position)
        self._streams.setdefault(record.stream, []).append(record)


def _system_event(type_: str, content: dict[str, Any]) -> Proposed:
    return Proposed(
        id=uuid4(),
        type=type_,
        content_type="application/json",
        data=json.dumps(content).encode(),
        metadata=b"",
    )
