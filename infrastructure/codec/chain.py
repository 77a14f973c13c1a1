"""The hash chain along a stream: made when events are written, checked over stored bytes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from struct import Struct

import msgspec

from application.ports.event_store import EMPTY, NewEvent, RecordedEvent, Tip
from infrastructure.codec.event_codec import encode_event
from infrastructure.codec.stored_event import StoredEvent

_ENCODER = msgspec.json.Encoder()
_LENGTH = Struct(">Q").pack
_HASH_OPENS = b',"hash":"'
_HASH_CLOSES = b'"}'
_HASH_LENGTH = len(_HASH_OPENS) + 64 + len(_HASH_CLOSES)


class SealedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A new event as it will be written; `data` and `metadata` are its stored bytes."""

    stream: str
    version: int
    type: str
    data: bytes
    metadata: bytes
    new: NewEvent
    readable_metadata: dict[str, str]

    def recorded(self, position: int, recorded_at: datetime) -> RecordedEvent:
        """The event as recorded, without reading it back."""
        return RecordedEvent(
            position=position,
            stream=self.stream,
            version=self.version,
            id=self.new.id,
            type=self.type,
            event=self.new.event,
            metadata=self.readable_metadata,
            recorded_at=recorded_at,
        )


class BrokenChain(Exception):
    """A stream's stored events are not those that were written, or not in that order."""

    def __init__(self, stream: str, version: int, reason: str) -> None:
        self.stream = stream
        self.version = version
        self.reason = reason
        super().__init__(f"the history of stream {stream!r} breaks at {version}: {reason}")


def seal(stream: str, events: Sequence[NewEvent], tip: Tip) -> Sequence[SealedEvent]:
    """The events as they follow `tip`, each chained on the one before.

    An event's hash is the SHA-256, in lower-case hexadecimal digits, of these parts in this
    order, each behind its length as eight bytes, big end first: the previous hash as it stands
    in the metadata (empty for a stream's first event), the stream's name, the sixteen bytes of
    the id, the stored type, the stored data, and the stored metadata without its last key,
    which is `hash`. Text is UTF-8.
    """
    sealed: list[SealedEvent] = []
    previous = tip.hash
    for version, new in enumerate(events, tip.version + 1):
        sealed.append(_sealed(stream, version, new, previous))
        previous = sealed[-1].readable_metadata["hash"]
    return sealed


def verify(events: Iterable[StoredEvent], *, after: Tip = EMPTY) -> Tip:
    """The tip that a stream's events, oldest first, lead to from `after`.

    Raises BrokenChain at the first event that is missing, moved or not as it was written.
    """
    tip = after
    for event in events:
        tip = Tip(event.version, _checked_hash(event, tip))
    return tip


def _sealed(stream: str, version: int, new: NewEvent, previous: str) -> SealedEvent:
    if "hash" in new.metadata or "previousHash" in new.metadata:
        raise ValueError("hash and previousHash are written by the store")
    name, data = encode_event(new.event)
    readable = {**new.metadata, "previousHash": previous}
    bare = _ENCODER.encode(readable)
    digest = _digest([previous.encode(), stream.encode(), new.id.bytes, name.encode(), data, bare])
    readable["hash"] = digest
    return SealedEvent(
        stream=stream,
        version=version,
        type=name,
        data=data,
        metadata=bare[:-1] + _HASH_OPENS + digest.encode() + _HASH_CLOSES,
        new=new,
        readable_metadata=readable,
    )


def _checked_hash(event: StoredEvent, tip: Tip) -> str:
    if event.version != tip.version + 1:
        raise BrokenChain(event.stream, tip.version + 1, "an event is missing")
    hashed = event.metadata[-_HASH_LENGTH:]
    bare = event.metadata[:-_HASH_LENGTH] + b"}"
    if not hashed.startswith(_HASH_OPENS):
        raise BrokenChain(event.stream, event.version, "it carries no hash")
    place = [tip.hash.encode(), event.stream.encode(), event.id.bytes]
    digest = _digest([*place, event.type.encode(), event.data, bare])
    if hashed != _HASH_OPENS + digest.encode() + _HASH_CLOSES:
        raise BrokenChain(event.stream, event.version, "it is not what was written")
    return digest


def _digest(parts: Sequence[bytes]) -> str:
    behind_lengths: list[bytes] = []
    for part in parts:
        behind_lengths += (_LENGTH(len(part)), part)
    return sha256(b"".join(behind_lengths)).hexdigest()
