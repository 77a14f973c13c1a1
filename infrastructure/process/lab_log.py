"""The log of a lab: what its processes wrote, bounded, and never shown with a secret."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from infrastructure.process.files import make_way, open_plain

_READ_AT_MOST = 512 * 1024
_TOKEN_IN_A_LINK = re.compile(r"(?i)(\b(?:access_)?token=)[^\s&\"'<>]+")


def bound(log: Path, limit: int) -> None:
    """Move the log aside when it is longer than `limit`. The lab goes on writing to it,
    because it appends; a line written in between may be lost."""
    opened = open_plain(log)
    if opened is None:
        return
    with opened as file:
        if os.fstat(file.fileno()).st_size <= limit:
            return
        older = log.with_suffix(".old")
        with suppress(FileNotFoundError):
            make_way(older)
            with older.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            os.truncate(log, 0)


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
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _READ_AT_MOST))
        return file.read()
