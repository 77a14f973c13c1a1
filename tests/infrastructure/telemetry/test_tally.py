"""A tally is told exactly as the library tells its own counters."""

from prometheus_client import CollectorRegistry, Counter, generate_latest

from infrastructure.telemetry.tally import Tally


def told(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if "_created" not in line]


def test_a_tally_with_labels_is_exposed_as_the_librarys() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("labs", "Labs", ["kind", "end"], registry=ours)
    counter = Counter("labs", "Labs", ["kind", "end"], registry=theirs)
    assert told(ours) == told(theirs)
    for end in ("well", "ill", "well"):
        tally.count("a", end)
        counter.labels("a", end).inc()
    assert told(ours) == told(theirs)


def test_a_tally_without_labels_is_exposed_before_anything_happened() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("labs", "Labs", registry=ours)
    counter = Counter("labs", "Labs", registry=theirs)
    assert told(ours) == told(theirs)
    tally.count(times=3)
    counter.inc(3)
    assert told(ours) == told(theirs)
