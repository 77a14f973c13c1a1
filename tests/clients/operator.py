"""The operator of `programs/grading.py` as tests run it, and the labs that are its business."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.clients.kubectl import lab
from tests.clients.served import CLIENTS, Served, python_of_clients
from tests.scenarios.service import LABS

OPERATOR = Path(__file__).parent / "programs" / "grading.py"
MERGE = {"Content-Type": "application/merge-patch+json"}


class Operator:
    """The operator at work, and the labs that are its business."""

    def __init__(self, output: Path, http: httpx.Client) -> None:
        self._output = output
        self._http = http

    def told(self) -> Sequence[tuple[str, str]]:
        """Which handlers were called, and for which labs."""
        lines = self._output.read_text().splitlines()
        return [tuple(json.loads(line)) for line in lines if line.startswith('["')]

    def create(self, name: str) -> None:
        """A lab for it."""
        declared = lab(name, labels={"operated": "yes"})
        assert self._http.post(LABS, json=declared).status_code == 201

    def patch(self, name: str, body: dict[str, Any]) -> None:
        """A change by somebody else."""
        done = self._http.request("PATCH", f"{LABS}/{name}", json=body, headers=MERGE)
        assert done.status_code == 200, done.text

    def delete(self, name: str) -> None:
        """The lab shall go."""
        assert self._http.delete(f"{LABS}/{name}").status_code == 200

    def until(self, name: str, enough: Callable[[dict[str, Any] | None], bool]) -> Any:
        """The lab, None when there is none, as soon as it is as wanted."""
        deadline = time.monotonic() + 60
        while True:
            answer = self._http.get(f"{LABS}/{name}")
            told = answer.json() if answer.status_code == 200 else None
            if enough(told):
                return told
            assert time.monotonic() < deadline, f"{told}: {self._output.read_text()[-3000:]}"
            time.sleep(0.05)


@contextmanager
def operating(served: Served, **variables: str) -> Iterator[Operator]:
    """The operator at work, until the context ends."""
    python_of_clients()
    output = served.home / f"operator-{time.monotonic_ns()}.log"
    command: Sequence[str | Path] = [
        CLIENTS / "bin" / "kopf",
        "run",
        "--standalone",
        "-A",
        "-q",
        OPERATOR,
    ]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, env=served.variables(**variables), stdout=file, stderr=file, cwd=served.home
        )
    try:
        with served.http() as http:
            yield Operator(output, http)
    finally:
        process.terminate()
        process.wait(20)
