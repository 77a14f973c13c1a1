"""The name of this replica among those that share the stores: the same after a restart."""

import re
import socket
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from infrastructure.data_directory.private_files import write_private

_FILE = "replica"
_WRITTEN = re.compile(r"[A-Za-z0-9.-]{0,64}-[0-9a-f]{12}")


def replica_name(data_dir: Path) -> str:
    """Kept in the data directory: what the machine was called when it was made, and what makes
    it the only one of its kind. Where it cannot be kept, it is another one after each start."""
    path = data_dir / _FILE
    kept = ""
    with suppress(OSError):
        kept = path.read_text(errors="replace").strip()
    if not _WRITTEN.fullmatch(kept):
        machine = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:64]
        kept = f"{machine}-{uuid4().hex[:12]}"
        with suppress(OSError):  # a full disk is reported by what cannot do without it
            write_private(path, f"{kept}\n")
    return kept
