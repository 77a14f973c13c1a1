"""What a person's own machine remembers of services: the last checkpoint of each, so that none
can tell another history later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from infrastructure.data_directory.private_files import write_private
from infrastructure.unusable import Unusable

_FOLDER = Path("labctl", "checkpoints")


class UnusableMemory(Unusable):
    """What is remembered cannot be read: it is not made up, and not forgotten silently."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} cannot be read: look at it, then remove it to begin anew")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The newest checkpoint that a service has shown here, and the key that signed it."""

    service: str
    key: str
    note: str


class Memory:
    """One file for each service, readable for its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> "Memory":
        """Below XDG_STATE_HOME, or ~/.local/state."""
        named = environ.get("XDG_STATE_HOME", "")
        home = Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
        return cls(home / _FOLDER)

    def recall(self, service: str) -> Remembered | None:
        """What is remembered of it. Raises UnusableMemory, OSError."""
        path = self._path(service)
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return Remembered(service=found["service"], key=found["key"], note=found["note"])
        except (ValueError, KeyError, TypeError):
            raise UnusableMemory(path) from None

    def keep(self, known: Remembered) -> None:
        """Remember this of its service, and nothing before. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = {"service": known.service, "key": known.key, "note": known.note}
        write_private(self._path(known.service), json.dumps(document, ensure_ascii=False) + "\n")

    def forget(self, service: str) -> None:
        """Remember nothing of it. Raises OSError."""
        self._path(service).unlink(missing_ok=True)

    def _path(self, service: str) -> Path:
        return self._folder / f"{sha256(service.encode()).hexdigest()[:32]}.json"
