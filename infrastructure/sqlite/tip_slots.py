"""A tip as bytes with a checksum, so that a torn one is known."""

from hashlib import sha256
from struct import Struct

from infrastructure.sqlite.log_tip import LogTip

_MARK = b"LRMT"
_SLOT = Struct("<4sQQQqQ64s64s32s")
_CHECKSUM = 32
_SLOT_SIZE = _SLOT.size + _CHECKSUM


def packed(sequence: int, tip: LogTip) -> bytes:
    """The bytes of a slot that was the so-manyth to be written; fewer than 512."""
    slot = _SLOT.pack(
        _MARK,
        sequence,
        tip.position,
        tip.count,
        tip.recorded_at,
        tip.epoch,
        tip.first.encode(),
        tip.last.encode(),
        tip.running,
    )
    return slot + sha256(slot).digest()


def unpacked(content: bytes, start: int) -> tuple[int, LogTip] | None:
    """What stands in the slot that begins there; None where it is empty, torn or damaged."""
    slot = content[start : start + _SLOT.size]
    if sha256(slot).digest() != content[start + _SLOT.size : start + _SLOT_SIZE]:
        return None
    mark, sequence, position, count, at, epoch, first, last, running = _SLOT.unpack(slot)
    if mark != _MARK:
        return None
    tip = LogTip(
        position=position,
        count=count,
        recorded_at=at,
        epoch=epoch,
        first=first.rstrip(b"\0").decode(),
        last=last.rstrip(b"\0").decode(),
        running=running,
    )
    return sequence, tip
