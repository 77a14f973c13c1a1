"""The same creates when the log is long already: they must not notice."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import load
from benchmarks.creates import REQUESTS, ROUNDS, SIMULATED
from benchmarks.figures import Figure, progress, rate, ratio, seconds
from benchmarks.log_writer import write_log
from benchmarks.processes import Server, lab_service

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))


def measure(folder: Path) -> Sequence[Figure]:
    """A service with an empty log and one with a long log take turns."""
    short, long = folder / "short", folder / "long"
    for data in (short, long):
        data.mkdir(mode=0o700)
    started = perf_counter()
    write_log(long / "labs.sqlite", events=EVENTS, projected=True)
    progress(f"wrote a log of {EVENTS:,} events in {perf_counter() - started:.0f} s")
    rates: dict[str, list[float]] = {"short": [], "long": []}
    started = perf_counter()
    with lab_service(long, SIMULATED) as on_long:
        start = perf_counter() - started
        with lab_service(short, SIMULATED) as on_short:
            for number in range(ROUNDS):
                rates["short"].append(_creates(on_short, number))
                rates["long"].append(_creates(on_long, number))
    ours, before = median(rates["long"]), median(rates["short"])
    return [
        seconds(f"start of the service with {EVENTS:,} events", start),
        rate("durable creates, empty log", before),
        rate(f"durable creates, {EVENTS:,} events in the log", ours),
        ratio("  against the empty log", ours, before, goal="1, that is flat"),
    ]


def _creates(service: Server, number: int) -> float:
    found = load.creates(service, f"round-{number}", requests=REQUESTS).each_second
    progress(f"creates: {found:,.0f} /s")
    return found
