"""The log of a lab: what its processes wrote, bounded, and never shown with a secret.

A lab has its log open and may do to it what it likes, so nothing here costs by its size.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from infrastructure.process.plain_files import make_way, open_plain

_READ_AT_MOST = 512 * 1024
_TOKEN_IN_A_LINK = re.compile(r"(?i)(\b(?:access_)?token=)[^\s&\"'<>]+")


def bound(log: Path, limit: int) -> None:
    """Empty the log when it is longer than `limit`, with its end moved aside: as much as is
    ever shown, or nothing when the disk has no room. The lab goes on writing to it, because it
    appends; a line written in between may be lost. A log that is a second name of another file
    is left alone."""
    opened = open_plain(log, flags=os.O_RDWR)
    if opened is None:
        return
    with opened as file:
        about = os.fstat(file.fileno())
        if about.st_size <= limit or about.st_nlink > 1:
            return
        end = _end(file.fileno(), about.st_size, _READ_AT_MOST)
        with suppress(OSError):  # what fills a disk is not kept because the disk is full
            _replace(log.with_suffix(".old"), end)
        os.ftruncate(file.fileno(), 0)


def read_tail(log: Path, *, lines: int, secret: str) -> str:
    """The last lines, the one before a move included, with the secret blotted out, and the
    tokens in links, since a log outlives the runtimes whose tokens they were."""
    content = _end_of(log)
    if content.count(b"\n") < lines:
        content = _end_of(log.with_suffix(".old")) + content
    text = content.decode("utf-8", errors="replace")
    if secret:
        text = text.replace(secret, "[secret]")
    text = _TOKEN_IN_A_LINK.sub(r"\1[secret]", text)
    kept = text.splitlines()[-lines:] if lines > 0 else []
    return "".join(f"{line}\n" for line in kept)


def _end_of(path: Path) -> bytes:
    opened = open_plain(path)
    if opened is None:
        return b""
    with opened as file:
        return _end(file.fileno(), os.fstat(file.fileno()).st_size, _READ_AT_MOST)


def _end(handle: int, size: int, most: int) -> bytes:
    return os.pread(handle, most, max(0, size - most))


def _replace(path: Path, content: bytes) -> None:
    make_way(path)
    fresh = path.with_name(f"log-{uuid4()}.new")
    try:
        with fresh.open("xb") as file:
            file.write(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
