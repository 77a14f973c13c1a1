"""Durable creates a second over HTTP, beside an empty FastAPI POST and plain SQLite inserts."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import load
from benchmarks.figures import Figure, median_of, progress, rate, ratio, seconds
from benchmarks.processes import Server, empty_fastapi, lab_service

REQUESTS = 5000
ROUNDS = 3
WARM_UP = 300
SIMULATED = {
    "LAB_PROVISIONER": "simulated",
    "LAB_SIMULATED_DELAY": "1h",
    "LAB_PROVISIONING_TIMEOUT": "2h",
    "LAB_LOG_LEVEL": "warning",  # the peer logs nothing either
}


def measure(folder: Path) -> Sequence[Figure]:
    """Rounds of all three take turns, so that a noisy moment hits them alike."""
    data = folder / "data"
    data.mkdir()
    outcomes: list[load.Outcome] = []
    behind: list[float] = []
    empty: list[float] = []
    read: list[float] = []
    with lab_service(data, SIMULATED) as service, empty_fastapi() as peer:
        load.creates(service, "warm-up", requests=WARM_UP)
        load.empty_posts(peer, requests=WARM_UP)
        for number in range(1, ROUNDS + 1):
            empty.append(load.empty_posts(peer, requests=REQUESTS).each_second)
            read.append(load.empty_posts(peer, requests=REQUESTS, path="/read-labs").each_second)
            outcomes.append(load.creates(service, f"round-{number}", requests=REQUESTS))
            behind.append(until_listed(service))
            progress(f"creates: {outcomes[-1].each_second:,.0f} /s, empty: {empty[-1]:,.0f} /s")
        _check_that_all_are_listed(service, WARM_UP + ROUNDS * REQUESTS)
    ours = median(outcome.each_second for outcome in outcomes)
    inserts = median_of(ROUNDS, "plain inserts a second", lambda: _plain_inserts(folder))
    return [
        rate("durable creates over HTTP, 32 clients", ours),
        seconds("  a create, median", median(one.median_latency for one in outcomes)),
        seconds("  a create, 99 of 100", median(one.high_latency for one in outcomes)),
        seconds("  until the list shows them all", median(behind)),
        rate("empty FastAPI POST, same client", median(empty)),
        ratio("  creates against it", ours, median(empty), goal="at least 0.5"),
        rate("FastAPI POST that reads the same body", median(read)),
        ratio("  creates against it", ours, median(read)),
        rate("plain sqlite3, a commit for each insert", inserts),
        ratio("  creates against it", ours, inserts),
    ]


def until_listed(service: Server) -> float:
    """Seconds until a list asked for now is answered: it waits for all that was written."""
    path = load.LABS.format(namespace="default")
    with service.client() as client:
        started = perf_counter()
        client.get(path, params={"limit": 1}).raise_for_status()
        return perf_counter() - started


def _check_that_all_are_listed(service: Server, labs: int) -> None:
    with service.client() as client:
        found = client.get(load.LABS.format(namespace="default")).raise_for_status().json()
    if len(found["items"]) != labs:
        raise RuntimeError(f"{labs} labs were created, and {len(found['items'])} are listed")


def _plain_inserts(folder: Path) -> float:
    path = folder / "plain.sqlite"
    count = 1500
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS labs (id INTEGER PRIMARY KEY, body TEXT)")
        started = perf_counter()
        for _ in range(count):
            connection.execute("BEGIN")
            connection.execute("INSERT INTO labs (body) VALUES (?)", (load.LAB_BODY,))
            connection.execute("COMMIT")
        return count / (perf_counter() - started)
