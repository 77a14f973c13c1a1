"""What waits for the disk, done beside the writer, so that no commit waits for it as well."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress


class BesideWriter:
    """A thread that does one piece of work whenever it was asked for since the last time, and
    at most once every `pause` seconds.

    What fails is done when it is asked for again: each piece makes up for those before.
    """

    def __init__(self, work: Callable[[], object], *, name: str, pause: float = 0.0) -> None:
        self._work = work
        self._pause = pause
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Let the work be done soon."""
        self._asked.set()

    def stop(self) -> None:
        """End after the work that is being done."""
        self._stopping.set()
        self._asked.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._stopping.is_set():
                return
            with suppress(sqlite3.Error, OSError):
                self._work()
            self._stopping.wait(self._pause)
