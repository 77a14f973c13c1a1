"""Servers in processes of their own: started, waited for, and ended again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.plain_http import NO_TLS

_START_SECONDS = 180.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server on loopback. `token` is empty where none is needed."""

    port: int
    token: str

    @property
    def address(self) -> str:
        """The start of its URLs."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """A client that carries the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60, verify=NO_TLS)


@contextmanager
def lab_service(folder: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """A real `labctl serve` with its data in `folder`, ready for requests."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    ports = {"LAB_HTTP_PORT": str(port), "LAB_HTTPS_PORT": "0"}
    told = {"LAB_DATA_DIR": str(folder), **ports, **settings}
    labctl = str(Path(sys.executable).parent / "labctl")
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        process = subprocess.Popen([labctl, "serve"], env=own | told, stderr=log)
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/readyz")
        yield Server(port=port, token=(folder / "admin.token").read_text().strip())
    finally:
        _stop(process)


@contextmanager
def empty_fastapi() -> Iterator[Server]:
    """A FastAPI application whose POST does nothing, with the service's server settings."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.empty_server", str(port)])
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/readyz")
        yield Server(port=port, token="")
    finally:
        _stop(process)


def answer_of(command: Sequence[str], *, given: bytes) -> bytes:
    """What another process prints, being given this on its standard input."""
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True, timeout=600)
    return done.stdout


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended at its start with code {process.returncode}")
        try:
            if httpx.get(address, timeout=5, verify=NO_TLS).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{address} was not ready in {_START_SECONDS:g} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
