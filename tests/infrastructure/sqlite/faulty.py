"""A SQLite connection that fails when it is told to, as a disk would."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Disk:
    """What the connections of one test suffer. `failing` names the start of the statements
    that fail, `error` what they raise; `failed` counts how often that happened."""

    failing: str | None = None
    error: BaseException | None = None
    failed: int = 0

    def break_at(self, statement: str, error: BaseException) -> None:
        self.failing, self.error = statement, error

    def heal(self) -> None:
        self.failing = None

    def connect(self, path: Path) -> sqlite3.Connection:
        faulty = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, factory=_FaultyConnection
        )
        faulty.disk = self
        return faulty


class _FaultyConnection(sqlite3.Connection):
    disk: Disk

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.disk.failing and self.disk.error and sql.startswith(self.disk.failing):
            self.disk.failed += 1
            raise self.disk.error
        return super().execute(sql, *parameters)
