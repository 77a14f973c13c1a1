"""What the simulated provisioner remembers over a restart: one JSON line for each change."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from application.ports.provisioner import ProvisionerUnavailable
from domain.lab_instance.key import LabKey


class SimulatedRuntime(msgspec.Struct, kw_only=True):
    """One simulated runtime. Times are those of the event loop's clock; `reason` is empty
    until it has ended; `starts` counts how often each revision was started."""

    lab: LabKey
    uid: str
    revision: int
    ready_at: float
    fails: bool
    reason: str = ""
    message: str = ""
    stopped: bool = False
    position: int = 0
    starts: dict[int, int] = {}


class _Line(msgspec.Struct):
    uid: str
    runtime: SimulatedRuntime | None


class Journal:
    """Appends each change to a file and reads them back; without a file it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._torn = False

    def load(self) -> dict[str, SimulatedRuntime]:
        """The runtimes as they were last written; also rewrites the file to just these."""
        found: dict[str, SimulatedRuntime] = {}
        if self._path is None:
            return found
        for text in self._path.read_bytes().splitlines() if self._path.exists() else ():
            try:
                line = msgspec.json.decode(text, type=_Line)
            except msgspec.DecodeError:
                continue  # its writer was killed meanwhile, or found no room
            if line.runtime is None:
                found.pop(line.uid, None)
            else:
                found[line.uid] = line.runtime
        self._compact(self._path, found)
        return found

    def write(self, uid: str, runtime: SimulatedRuntime | None) -> None:
        """The runtime is now so; None means that nothing of it is left. Raises
        ProvisionerUnavailable; what was written of the line by then counts for nothing."""
        if self._file is None:
            return
        line = b"\n" * self._torn + msgspec.json.encode(_Line(uid, runtime)) + b"\n"
        try:
            self._torn = os.write(self._file, line) < len(line)
        except OSError as error:
            raise ProvisionerUnavailable(f"its journal cannot be written: {error}") from error
        if self._torn:
            raise ProvisionerUnavailable("its journal cannot be written: the disk is full")

    def close(self) -> None:
        """Close the file; nothing can be written any more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _compact(self, path: Path, runtimes: Mapping[str, SimulatedRuntime]) -> None:
        lines = (msgspec.json.encode(_Line(uid, known)) + b"\n" for uid, known in runtimes.items())
        fresh = path.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(b"".join(lines))
        fresh.replace(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
