"""A stored event as the bytes that were written, and its reading."""

from datetime import datetime
from uuid import UUID

import msgspec

from application.ports.event_store import RecordedEvent, UndecodableEvent
from infrastructure.codec.event_codec import Undecodable, decode_event

_METADATA = msgspec.json.Decoder(dict[str, str])


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event before upcasting: `data` and `metadata` are exactly what was written."""

    position: int
    stream: str
    version: int
    id: UUID
    type: str
    data: bytes
    metadata: bytes
    recorded_at: datetime


def read_stored(stored: StoredEvent) -> RecordedEvent:
    """The event as recorded. Raises UndecodableEvent."""
    try:
        event = decode_event(stored.type, stored.data)
        metadata = _METADATA.decode(stored.metadata)
    except (Undecodable, msgspec.MsgspecError, ValueError) as error:
        raise UndecodableEvent(stored.position, stored.stream, stored.type, str(error)) from error
    return RecordedEvent(
        position=stored.position,
        stream=stored.stream,
        version=stored.version,
        id=stored.id,
        type=stored.type,
        event=event,
        metadata=metadata,
        recorded_at=stored.recorded_at,
    )
