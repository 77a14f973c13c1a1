"""The service that the clients of one test process share, and what they need to reach it."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.scenarios.service import LABS, Service, environment
from tests.servers.plain_http import NO_TLS
from tests.servers.ports import free_port

CLIENTS = Path(__file__).resolve().parents[2] / ".venv-clients"


@dataclass(frozen=True, slots=True)
class Served:
    """A running service. `home` is a directory for what clients leave behind."""

    service: Service
    https_port: int
    home: Path
    labs: str = LABS

    @property
    def kubeconfig(self) -> Path:
        """The file that the service has written for its clients."""
        return self.service.data_dir / "kubeconfig"

    def variables(self, **more: str) -> Mapping[str, str]:
        """The environment of a client program."""
        return environment(
            {
                "KUBECONFIG": str(self.kubeconfig),
                "KUBECACHEDIR": str(self.home / "cache"),
                "HOME": str(self.home),
                "TMPDIR": str(self.home / "tmp"),
                **more,
            }
        )

    def http(self) -> httpx.Client:
        """A plain HTTP client, to arrange and to look."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.service.port}",
            headers={"Authorization": f"Bearer {self.service.token}"},
            timeout=20,
            verify=NO_TLS,
        )

    def make_namespace(self, name: str) -> None:
        """A namespace, which a lab may be put into."""
        with self.http() as http:
            told = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            http.post("/api/v1/namespaces", json=told)

    def put_back(self) -> None:
        """As if its data were those of its first day, while its clients go on."""
        asyncio.run(self.service.stop())  # with its writer, who keeps the tips
        for file in self.service.data_dir.glob("labs.*"):
            file.unlink()
        asyncio.run(self.service.start())


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[Served]:
    """The service at work, with its data in this directory, until the context ends."""
    https_port = free_port()
    service = Service(
        folder / "data",
        LAB_HTTPS_PORT=str(https_port),
        LAB_GRACE_PERIOD="1s",
        **variables,
    )
    home = folder / "home"
    (home / "tmp").mkdir(parents=True)
    try:
        asyncio.run(service.start())
        yield Served(service, https_port, home)
    finally:
        asyncio.run(service.kill())


def python_of_clients() -> Path:
    """The Python that the clients' libraries are installed for."""
    python = CLIENTS / "bin" / "python"
    assert python.exists(), f"{CLIENTS.name} is missing: `make test` makes it"
    return python


def kubectls() -> Mapping[str, Path]:
    """The kubectl of the clients' environment, and that of this machine where it has one."""
    found = {"kubectl": CLIENTS / "bin" / "kubectl"}
    here = shutil.which("kubectl")
    if here is not None:
        found["PATH's kubectl"] = Path(here)
    return found
