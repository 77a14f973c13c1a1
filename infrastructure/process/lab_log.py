"""The log of a lab: what its processes wrote, bounded, and never shown with a secret."""

import os
import shutil
from pathlib import Path

_READ_AT_MOST = 512 * 1024


def bound(log: Path, limit: int) -> None:
    """Move the log aside when it is longer than `limit`. The lab goes on writing to it,
    because it appends; a line written in between may be lost."""
    try:
        if log.stat().st_size <= limit:
            return
        shutil.copyfile(log, log.with_suffix(".old"))
        os.truncate(log, 0)
    except FileNotFoundError:
        return


def read_tail(log: Path, *, lines: int, secret: str) -> str:
    """The last lines, the one before a move included, with the secret blotted out."""
    content = _end_of(log)
    if content.count(b"\n") < lines:
        content = _end_of(log.with_suffix(".old")) + content
    text = content.decode("utf-8", errors="replace")
    if secret:
        text = text.replace(secret, "[secret]")
    kept = text.splitlines()[-lines:] if lines > 0 else []
    return "".join(f"{line}\n" for line in kept)


def _end_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _READ_AT_MOST))
            return file.read()
    except FileNotFoundError:
        return b""
