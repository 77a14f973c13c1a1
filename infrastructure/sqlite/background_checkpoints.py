"""Moving commits from the write-ahead log into the file while the writer goes on.

Left to itself SQLite does that inside a commit, while everybody waits: 20 ms for 16 MB.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress


class BackgroundCheckpoints:
    """A thread with a connection of its own that makes a passive checkpoint, which nobody
    waits for, whenever about `every` bytes were committed.

    What it does not get done, SQLite's own checkpoints do in the end: its failures are theirs.
    """

    def __init__(self, open_connection: Callable[[], sqlite3.Connection], *, every: int) -> None:
        self._open_connection = open_connection
        self._every = every
        self._committed = 0
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, size: int) -> None:
        """About so many bytes more were committed."""
        self._committed += size
        # For speed, decision 28.
        if self._committed >= self._every:
            self._committed = 0
            self._wanted.set()

    def stop(self) -> None:
        """End after the checkpoint that is being made."""
        self._stopping = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._stopping:
                return
            with suppress(sqlite3.Error):
                self._checkpoint()

    def _checkpoint(self) -> None:
        connection = self._open_connection()
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            connection.close()
