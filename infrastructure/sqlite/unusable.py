"""What stops whoever wants to open the file."""

from pathlib import Path

from infrastructure.unusable import Unusable


class UnusableDatabase(Unusable):
    """The file cannot be opened or is not one of ours; the message is one line."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"database {str(path)!r} cannot be used: {reason}")
