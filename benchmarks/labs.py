"""Real labs: how long one notebook takes, and ten at once."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic, perf_counter, sleep

import httpx

from benchmarks import load
from benchmarks.figures import Figure, median_of, seconds
from benchmarks.processes import Server, lab_service

_PATH = load.LABS.format(namespace="default")
_PATIENCE = 120.0


def measure(folder: Path) -> Sequence[Figure]:
    """Three rounds of each, with the labs removed in between."""
    data = folder / "data"
    data.mkdir()
    with lab_service(data, {"LAB_PROVISIONER": "process"}) as service:
        _until_ready(service, "warm-up", 1)
        one = median_of(3, "one lab", lambda: _until_ready(service, "one", 1))
        ten = median_of(3, "ten labs", lambda: _until_ready(service, "ten", 10))
    return [
        seconds("one python-basics lab, from request to ready", one, goal="5 s"),
        seconds("ten python-basics labs at once, until the last is ready", ten, goal="8 s"),
    ]


def _until_ready(service: Server, prefix: str, count: int) -> float:
    with service.client() as client:
        started = perf_counter()
        for number in range(count):
            body = load.LAB_BODY.replace(load.NAME_MARK, f"{prefix}-{number}")
            client.post(_PATH, content=body).raise_for_status()
        _wait_for(client, ["ready"] * count)
        spent = perf_counter() - started
        for number in range(count):
            client.delete(f"{_PATH}/{prefix}-{number}").raise_for_status()
        _wait_for(client, [])
    return spent


def _wait_for(client: httpx.Client, states: Sequence[str]) -> None:
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline:
        labs = client.get(_PATH).raise_for_status().json()["items"]
        found = [lab["status"]["state"] for lab in labs]
        if found == list(states):
            return
        if "failed" in found:
            raise RuntimeError(f"a lab failed: {labs}")
        sleep(0.05)
    raise TimeoutError(f"the labs were not {states} in {_PATIENCE:g} s")
