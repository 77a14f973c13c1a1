"""The server as a process that can be frozen and killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.kurrentdb_server.edition import Edition


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server, where it is, and what can be done to it."""

    uri: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.uri.partition("?")[0].rpartition(":")[2])

    def freeze(self) -> None:
        """It keeps its connections and does nothing any more."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone at once, whatever it was doing."""
        self.process.kill()
        self.process.wait(timeout=10)


@contextmanager
def server_process(
    *, port: int = 0, file: Path | None = None, edition: Edition = Edition.V25
) -> Iterator[ServerProcess]:
    """A server that listens, on this port or a free one, until the block ends."""
    command = [sys.executable, "-m", "tests.kurrentdb_server", "--port", str(port)]
    command += ["--edition", edition.value]
    command += ["--file", str(file)] if file else []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield ServerProcess(process.stdout.readline().strip(), process)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
