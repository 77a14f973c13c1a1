"""Between our events and the client's: positions, versions, ids and bytes."""

from datetime import UTC
from uuid import UUID

from kurrentdbclient import NewEvent as ClientEvent
from kurrentdbclient import RecordedEvent as ClientRecord
from kurrentdbclient import StreamState

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.chain import SealedEvent
from infrastructure.codec.stored_event import StoredEvent

TYPE_PREFIXES = ("lab-instance.", "lab-document.")
_HASH_OPENS = b',"hash":"'
_HASH = slice(-66, -2)
_BEFORE_HASH = slice(-66 - len(_HASH_OPENS), -66)


def to_position(commit_position: int) -> int:
    """The port's place of an event: the server's first may be 0, which is the port's nowhere."""
    return commit_position + 1


def to_commit_position(position: int) -> int | None:
    """The server's place of a position; None is before everything."""
    return position - 1 if position > 0 else None


def expected_revision(version: int) -> int | StreamState:
    """How the client learns where a stream of so many events ends."""
    return version - 1 if version else StreamState.NO_STREAM


def version_of(revision: int | StreamState | None) -> int:
    """How many events a stream has that ends there."""
    return revision + 1 if isinstance(revision, int) else 0


def is_ours(record: ClientRecord) -> bool:
    """Whether the event is one of this service. The server was asked for no others."""
    return record.type.startswith(TYPE_PREFIXES)


def to_client(sealed: SealedEvent) -> ClientEvent:
    """A sealed event as it goes to the server."""
    return ClientEvent(
        id=_crossed(sealed.new.id, sealed.readable_metadata["hash"].encode()),
        type=sealed.type,
        data=sealed.data,
        metadata=sealed.metadata,
        content_type="application/json",
    )


def to_client_again(stored: StoredEvent) -> ClientEvent:
    """A stored event as it goes to another server: the very bytes."""
    return ClientEvent(
        id=_crossed(stored.id, stored.metadata[_HASH]),
        type=stored.type,
        data=stored.data,
        metadata=stored.metadata,
        content_type="application/json",
    )


def size_of(event: ClientEvent) -> int:
    """The bytes that count towards what a server takes at once."""
    return len(event.data) + len(event.metadata) + len(event.type)


def to_stored(record: ClientRecord, position: int) -> StoredEvent:
    """An event of ours as the server holds it, whose position is this. Raises UndecodableEvent
    when it is none."""
    if record.metadata[_BEFORE_HASH] != _HASH_OPENS or record.recorded_at is None:
        reason = "its metadata does not end with a hash"
        raise UndecodableEvent(position, record.stream_name, record.type, reason)
    return StoredEvent(
        position=position,
        stream=record.stream_name,
        version=record.stream_position + 1,
        id=_crossed(record.id, record.metadata[_HASH]),
        type=record.type,
        data=record.data,
        metadata=record.metadata,
        recorded_at=record.recorded_at.astimezone(UTC),
    )


def _crossed(id_: UUID, hash_: bytes) -> UUID:
    """An id crossed with its event's hash, and back again by the same step.

    The server takes an event for a repeat when its id stands at its place already, and answers
    as if it had been stored now. Crossed ids are equal only when all that is stored is equal,
    so that its answer is true of what was sent.
    """
    return UUID(int=id_.int ^ int(hash_[:32], 16))
