"""What a write-ahead log with turned bits still holds, tried on copies of the files.

SQLite follows a log up to the first frame whose checksum is wrong and drops all that follows.
A turned bit is nearly always in a page that a later frame holds again.
"""

import struct
from pathlib import Path

_HEADER = 32
_FRAME_HEADER = 24
_SALTS = slice(16, 24)
_VERSION = (3007000).to_bytes(4, "big")
"""The only one there is."""


def with_true_checksums(wal: bytes) -> bytes | None:
    """The log with the checksums of its pages as they stand, up to the last whole frame of its
    round; None when its header is not that of a log."""
    if len(wal) < _HEADER or wal[:4] not in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"):
        return None
    order = ">" if wal[3] & 1 else "<"
    page_size = int.from_bytes(wal[8:12], "big")
    mended = bytearray(wal)
    mended[4:8] = _VERSION
    sums = _summed(bytes(mended[:24]), (0, 0), order)
    mended[24:32] = struct.pack(">II", *sums)
    at = _HEADER
    while at + _FRAME_HEADER + page_size <= len(wal):
        if wal[at + 8 : at + 16] != wal[_SALTS]:
            break
        page = wal[at + _FRAME_HEADER : at + _FRAME_HEADER + page_size]
        sums = _summed(wal[at : at + 8] + page, sums, order)
        mended[at + 16 : at + 24] = struct.pack(">II", *sums)
        at += _FRAME_HEADER + page_size
    return bytes(mended[:at])


def with_checksums_of(wal: Path) -> bytes | None:
    """The same of a file; None when there is none. Raises OSError."""
    return with_true_checksums(wal.read_bytes()) if wal.exists() else None


def _summed(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    for one, other in struct.iter_unpack(f"{order}II", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
