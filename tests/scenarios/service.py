"""A real service in a process of its own, and how tests talk to it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.servers.loaded import Started, start_labctl
from tests.servers.plain_http import NO_TLS
from tests.servers.ports import free_port

LABS = "/apis/lab.neuroglia.com/v1/namespaces/default/labinstances"
WITHIN = 60.0
"""How long to wait, in seconds, for what takes a moment on a machine with nothing else to do.
Where how long it takes is itself the promise, the test says so with a bound of its own."""
SPEC = {
    "template": "static",
    "duration": "60m",
    "studentEmail": "student@example.com",
    "environment": {"COURSE": "intro"},
}


class Service:
    """`labctl serve` on a free port, with its data in a directory of the test's.

    `logs` is the file that its standard error goes to.
    """

    def __init__(self, data_dir: Path, **variables: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.logs = data_dir.parent / "service.log"
        self.variables = {
            "LAB_DATA_DIR": str(data_dir),
            "LAB_HTTP_PORT": str(self.port),
            "LAB_HTTPS_PORT": "0",
            "LAB_PROVISIONER": "simulated",
            "LAB_SIMULATED_DELAY": "0.05s",
            "LAB_RECONCILE_INTERVAL": "1s",
            **variables,
        }
        self._process: Started | subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that serves now."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs: it was started and has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    @property
    def writer_pid(self) -> int:
        """The process that writes the file for it: the child that runs the writer's module."""
        for children in Path(f"/proc/{self.pid}/task").glob("*/children"):
            for child in children.read_text().split():
                if b"writer_child" in Path("/proc", child, "cmdline").read_bytes():
                    return int(child)
        raise AssertionError("the service has no writer")

    @property
    def token(self) -> str:
        """The administrator's token."""
        return (self.data_dir / "admin.token").read_text().strip()

    def client(self) -> httpx.AsyncClient:
        """A client with the administrator's token."""
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=WITHIN,
            verify=NO_TLS,
        )

    async def start(self, *, within: float = WITHIN) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        try:
            await eventually(self._is_ready, within=within)
        except AssertionError as error:
            answer = await self._readiness()
            told = "nothing" if answer is None else answer.text
            raise AssertionError(f"not ready: {told}\n{self.logs.read_text()[-3000:]}") from error

    async def start_unready(self) -> httpx.Response:
        """Start it and wait for its answer that it is not ready, and why."""
        self.launch()
        told: list[httpx.Response] = []

        async def refuses() -> bool:
            told[:] = [answer] if (answer := await self._readiness()) is not None else []
            return bool(told) and told[0].status_code == 503

        await eventually(refuses, within=60)
        return told[0]

    def launch(self) -> None:
        """Start it and wait for nothing."""
        with self.logs.open("ab") as logs:
            self._process = start_labctl(["serve"], environment(self.variables), errors=logs)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> float:
        """Ask it to stop; returns the seconds it took."""
        begun = time.monotonic()
        await self._end(signal.SIGTERM)
        return time.monotonic() - begun

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(number)
        await asyncio.to_thread(process.wait, WITHIN)

    async def _is_ready(self) -> bool:
        answer = await self._readiness()
        return answer is not None and answer.status_code == 200

    async def _readiness(self) -> httpx.Response | None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the service ended: {self.logs.read_text()}")
        try:
            async with httpx.AsyncClient(verify=NO_TLS) as client:
                return await client.get(f"http://127.0.0.1:{self.port}/readyz")
        except httpx.TransportError:
            return None


def command() -> Sequence[str]:
    """How the service is started."""
    return [str(Path(sys.executable).with_name("labctl")), "serve"]


def environment(variables: Mapping[str, str]) -> Mapping[str, str]:
    """This process's environment without its own settings, and with those given."""
    inherited = {name: value for name, value in os.environ.items() if name[:4] != "LAB_"}
    return {**inherited, **variables}


async def eventually(condition: Any, *, within: float = WITHIN) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{condition} did not come true within {within} s")
        await asyncio.sleep(0.05)


def manifest(name: str, **spec: Any) -> dict[str, Any]:
    """A lab as people declare it."""
    return {
        "apiVersion": "lab.neuroglia.com/v1",
        "kind": "LabInstance",
        "metadata": {"name": name},
        "spec": {**SPEC, **spec},
    }


async def create(client: httpx.AsyncClient, name: str, **spec: Any) -> dict[str, Any]:
    """Create a lab and return it as answered."""
    answer = await client.post(LABS, json=manifest(name, **spec))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def until_state(
    client: httpx.AsyncClient, name: str, state: str, *, within: float = WITHIN
) -> dict[str, Any]:
    """Wait until the lab is in the state, and return it; `deleted` waits for its absence."""
    seen: dict[str, Any] = {}

    async def reached() -> bool:
        answer = await client.get(f"{LABS}/{name}")
        if answer.status_code == 404:
            return state == "deleted"
        seen.clear()
        seen.update(answer.json())
        return answer.status_code == 200 and bool(seen["status"]["state"] == state)

    try:
        await eventually(reached, within=within)
    except AssertionError:
        raise AssertionError(f"{name} did not become {state}: {seen.get('status')}") from None
    return seen


async def history(client: httpx.AsyncClient, name: str) -> list[dict[str, Any]]:
    """Everything recorded under the name."""
    answer = await client.get(f"{LABS}/{name}/history")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
