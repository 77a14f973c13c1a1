"""From the commit of an event to the controller's first action on it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, sleep

import httpx

from benchmarks import load
from benchmarks.figures import Figure, seconds
from benchmarks.processes import Server, lab_service

LABS = 200
_FIRST_ACTION = "lab-instance.provisioning-started."
_PATIENCE = 10.0
SETTINGS = {"LAB_PROVISIONER": "simulated", "LAB_SIMULATED_DELAY": "0"}


def measure(folder: Path) -> Sequence[Figure]:
    """Creates labs one after the other on an idle service, and reads in their histories how
    long after the `created` event was recorded the controller decided to start."""
    data = folder / "data"
    data.mkdir()
    with lab_service(data, SETTINGS) as service:
        found = _reactions(service)
    cuts = quantiles(found, n=100)
    return [
        seconds("commit to the controller's first action, median", median(found), goal="10 ms"),
        seconds("  99 of 100", cuts[98]),
    ]


def _reactions(service: Server) -> list[float]:
    path = load.LABS.format(namespace="default")
    found: list[float] = []
    with service.client() as client:
        for number in range(LABS):
            body = load.LAB_BODY.replace(load.NAME_MARK, f"lab-{number}")
            client.post(path, content=body).raise_for_status()
            found.append(_reaction(client.get, f"{path}/lab-{number}/history"))
    return found


def _reaction(get: Callable[[str], httpx.Response], path: str) -> float:
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline:
        told = get(path).raise_for_status().json()["items"]
        started = [entry for entry in told if entry["type"].startswith(_FIRST_ACTION)]
        if started:
            committed = datetime.fromisoformat(told[0]["recordedAt"])
            return (datetime.fromisoformat(started[0]["time"]) - committed).total_seconds()
        sleep(0.01)
    raise TimeoutError(path)
