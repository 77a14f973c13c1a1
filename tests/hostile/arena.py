"""A real service whose labs are hostile, as root and as somebody without rights."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.servers.plain_http import NO_TLS
from tests.servers.ports import free_port

CHECKOUT = Path(__file__).parents[2]
LABS = "/apis/lab.neuroglia.com/v1/namespaces/default/labinstances"
NOBODY = 65534
_TEMPLATES = Path(__file__).parent / "templates"
LABCTL = "from api.command_line.labctl import main; main()"


def python_of(user: str) -> tuple[str, Mapping[str, str]] | None:
    """An interpreter that this user can run the service with, and its variables; None where
    there is none, since the checkout or the interpreter lies where the user may not enter."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    variables = {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *packages])}
    for program in (sys.executable, "/usr/bin/python3"):
        words = [*as_user(user), program, "-c", "import api.command_line.labctl"]
        tried = subprocess.run(
            words, env={**os.environ, **variables}, cwd="/", capture_output=True, check=False
        )
        if tried.returncode == 0:
            return program, variables
        assert as_user(user), tried.stderr.decode()
    return None


def as_user(user: str) -> Sequence[str]:
    """The words before a command that is to run as root, or as nobody."""
    if user == "root" or os.geteuid() != 0:
        return ()
    # `env`, since setpriv itself may still enter everywhere when it starts a program.
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env")


@dataclass
class Arena:
    """One service and its hostile labs; `seconds` are those that calm labs took meanwhile."""

    data_dir: Path
    user: str
    python: str
    variables: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def kept(self) -> Path:
        """A file outside that belongs to the user of the service."""
        return self.data_dir.parent / "outside/kept"

    def start(self) -> None:
        """Start the service and wait until it is ready."""
        variables = {
            **{name: value for name, value in os.environ.items() if name[:4] != "LAB_"},
            **self.variables,
            "HOME": str(self.data_dir.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAB_DATA_DIR": str(self.data_dir),
            "LAB_HTTP_PORT": str(self.port),
            "LAB_HTTPS_PORT": "0",
            "LAB_TEMPLATES_DIR": str(_TEMPLATES),
            "LAB_RUNTIME_PYTHON": self.python,
            "LAB_RECONCILE_INTERVAL": "1s",
            "LAB_RETRY_DELAY": "100ms",
        }
        words = [*as_user(self.user), self.python, "-c", LABCTL, "serve"]
        with (self.data_dir.parent / "service.log").open("ab") as log:
            self.process = subprocess.Popen(words, env=variables, stderr=log, cwd="/")
        until(lambda: self.get("/readyz") == 200, within=40, what=self.log)

    def stop(self) -> None:
        """End the service; its labs go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def run(self, script: str, *words: str) -> None:
        """Run a script as the user of the service, about its data."""
        command = [*as_user(self.user), self.python, "-c", script, *words]
        variables = {**os.environ, **self.variables, "LAB_DATA_DIR": str(self.data_dir)}
        subprocess.run(command, env=variables, cwd="/", check=True)

    def labctl(self, command: str) -> None:
        """Run a command of the service's, which must succeed."""
        self.run(LABCTL, command)

    def client(self) -> httpx.Client:
        """A client with the administrator's token."""
        token = (self.data_dir / "admin.token").read_text().strip()
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
            verify=NO_TLS,
        )

    def get(self, path: str) -> int:
        """The status of an answer that wants no token; 0 when there is none."""
        try:
            address = f"http://127.0.0.1:{self.port}{path}"
            return httpx.get(address, timeout=5, verify=NO_TLS).status_code
        except httpx.HTTPError:
            return 0

    def create(self, name: str, case: str, *, template: str = "hostile", **variables: str) -> str:
        """Ask for a lab that does what the case names; returns its uid."""
        lab = {
            "apiVersion": "lab.neuroglia.com/v1",
            "kind": "LabInstance",
            "metadata": {"name": name},
            "spec": {
                "template": template,
                "duration": "60m",
                "studentEmail": f"{name}@example.com",
                "environment": {"CASE": case, **variables},
            },
        }
        with self.client() as client:
            answer = client.post(LABS, json=lab)
        assert answer.status_code == 201, answer.text
        uid: str = answer.json()["metadata"]["uid"]
        return uid

    def status(self, name: str) -> dict[str, Any]:
        """The lab's status; empty when it is gone."""
        with self.client() as client:
            answer = client.get(f"{LABS}/{name}")
        status: dict[str, Any] = answer.json()["status"] if answer.status_code == 200 else {}
        return status

    def uid_of(self, name: str) -> str:
        """Which lab goes by that name now."""
        with self.client() as client:
            uid: str = client.get(f"{LABS}/{name}").json()["metadata"]["uid"]
        return uid

    def uids(self) -> set[str]:
        """All labs that there are."""
        with self.client() as client:
            return {item["metadata"]["uid"] for item in client.get(LABS).json()["items"]}

    def act(self, name: str, verb: str = "") -> None:
        """Post a command about the lab, or delete it when none is named."""
        with self.client() as client:
            path = f"{LABS}/{name}"
            answer = client.post(f"{path}/{verb}") if verb else client.delete(path)
        assert answer.is_success, answer.text

    def history(self, name: str) -> list[dict[str, Any]]:
        """All that was recorded under the name."""
        with self.client() as client:
            items: list[dict[str, Any]] = client.get(f"{LABS}/{name}/history").json()["items"]
        return items

    def until_ready(self, name: str, *, within: float = 60) -> float:
        """Wait until the lab is ready; the seconds it took."""
        return until(
            lambda: self.status(name).get("state") == "ready",
            within=within,
            what=lambda: f"{name}: {self.status(name)}\n{self.log()}",
        )

    def until_ready_again(self, name: str, *, times: int) -> None:
        """Wait until the lab has become ready so often, and is."""

        def ready() -> bool:
            kinds = [item["type"] for item in self.history(name)]
            return (
                "became-ready" in kinds[-1]
                and sum("became-ready" in kind for kind in kinds) >= times
            )

        until(ready, within=60, what=lambda: json.dumps(self.history(name)[-5:]))

    def until_gone(self, name: str, *, within: float = 90) -> float:
        """Wait until the lab is gone; the seconds it took."""
        return until(
            lambda: not self.status(name),
            within=within,
            what=lambda: f"{name}: {self.status(name)}\n{self.log()}",
        )

    def memory(self) -> int:
        """What the service holds in memory, in MiB."""
        assert self.process is not None
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024

    def log(self) -> str:
        """The end of what the service has logged."""
        return (self.data_dir.parent / "service.log").read_text()[-4_000:]

    def outside(self) -> Mapping[str, object]:
        """What is in the directory outside that labs have links to, and whose it is."""
        found = {}
        for path in sorted([self.kept.parent, *self.kept.parent.rglob("*")]):
            stat = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[path.name] = (stat.st_mode, stat.st_uid, stat.st_ino, content)
        return found

    def left_of(self, uid: str) -> list[str]:
        """What is on disk of a lab."""
        return [path.name for path in (self.data_dir / "labs").iterdir() if uid in path.name]


def processes_with(directory: Path) -> list[int]:
    """The processes that have this directory mounted, as the kernel says: those of its lab."""
    wanted = f" {directory} ".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "mountinfo").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def until(condition: Callable[[], bool], *, within: float, what: Callable[[], str]) -> float:
    """Wait until the condition holds, and fail with `what` when it does not in time."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within, what()
        time.sleep(0.05)
    return time.monotonic() - begun
