"""The name of this replica among those that share the stores: the same after a restart."""

import re
import socket
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from infrastructure.private_files import write_private

_FILE = "replica"
_WRITTEN = re.compile(r"[0-9a-f]{32}")


def replica_name(data_dir: Path) -> str:
    """The machine's name and an id kept in the data directory. A directory that is copied to
    another machine does not make that one the same replica. Where the id cannot be kept, it
    is another one after each start."""
    path = data_dir / _FILE
    kept = ""
    with suppress(OSError):
        kept = path.read_text(errors="replace").strip()
    if not _WRITTEN.fullmatch(kept):
        kept = uuid4().hex
        with suppress(OSError):  # a full disk is told of by what cannot do without it
            write_private(path, f"{kept}\n")
    return f"{socket.gethostname()}/{kept[:12]}"
