"""The views of a file held against the lives that are not over: those alone are folded."""

import sqlite3
from collections.abc import Iterable, Iterator

from application.event_log import api_objects, labs
from application.ports.event_store import EventStoreError
from domain.lab_instance.end_facts import Deleted
from infrastructure.codec.stored_event import read_stored
from infrastructure.codec.stored_names import STORED_NAMES
from infrastructure.sqlite.event_rows import STREAM_FORWARDS
from infrastructure.sqlite.stored_rows import fetch_each
from infrastructure.sqlite.view_proof import ViewProof

_CHUNK = 500


class ViewDifferences:
    """The views of one moment, up to `position`; a life that `ends` after it has one."""

    ends = STORED_NAMES[Deleted]

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._proof = ViewProof.over(connection)
        self._kept: set[str] = set()

    @property
    def position(self) -> int:
        """As far as the views are."""
        return self._proof.position

    def keep(self, stream: str) -> None:
        """A life in this stream has ended that the views still know."""
        self._kept.add(stream)

    def found(self, living: Iterable[str]) -> Iterator[str]:
        """What is different, in words. `living`: the streams whose lives are not over."""
        streams = {*living, *self._kept} if self.position else ()  # else none is folded yet
        for stream in streams:
            if labs.is_lab_stream(stream) or _is_object(stream):
                self._fold(stream)
        yield from self._proof.differences()

    def _fold(self, stream: str) -> None:
        version = 1
        while chunk := fetch_each(self._connection, STREAM_FORWARDS, (stream, version, _CHUNK)):
            for stored in chunk:
                if isinstance(stored, EventStoreError):
                    return  # it was found when the log was looked through
                try:
                    self._proof.add(read_stored(stored))
                except EventStoreError:
                    return
                version = stored.version + 1


def _is_object(stream: str) -> bool:
    try:
        api_objects.key_of(stream)
    except ValueError:
        return False
    return True
