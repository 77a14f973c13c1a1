"""Files that only their owner may read, never seen half written."""

import os
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Put `text` into the file, with mode 0600 from its first byte on. Written aside and
    renamed: a crash leaves the old file or the new one. Raises OSError, which names it."""
    aside = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o600)  # a file left over from a crash keeps its own mode
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        error.filename = str(path)  # where there is no room, the system names none
        raise
