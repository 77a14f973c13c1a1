"""What the server stores, and what it says no to."""

from dataclasses import dataclass
from uuid import UUID

NO_STREAM = -1
ANY = -2
EXISTS = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An event that a client wants stored."""

    id: UUID
    type: str
    content_type: str
    data: bytes
    metadata: bytes

    @property
    def size(self) -> int:
        return len(self.data) + len(self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A stored event. `created` counts 100 nanoseconds since 1970."""

    position: int
    stream: str
    revision: int
    created: int
    event: Proposed

    @property
    def end(self) -> int:
        """Where the record after this one stands: positions are places in a file."""
        names = len(self.stream.encode()) + len(self.event.type.encode())
        return self.position + 96 + names + self.event.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where the last event of an append stands; `position` is None when there was none."""

    revision: int
    position: int | None


class WrongExpectedVersion(Exception):
    """The stream does not end where the client said."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        self.stream = stream
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"Append failed due to WrongExpectedVersion. Stream: {stream}, "
            f"Expected version: {expected}, Actual version: {actual}"
        )


class StreamDeleted(Exception):
    """The stream is gone for good."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        super().__init__(f"Event stream '{stream}' is deleted.")


class InvalidPosition(Exception):
    """No record begins at that place of the log."""
