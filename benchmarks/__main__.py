"""Runs the parts that are asked for, or all, and prints what they found."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    audit,
    creates,
    handling,
    hostile,
    kurrentdb,
    labs,
    life,
    long_log,
    mongodb,
    past,
    reaction,
    rebuild,
    start,
)
from benchmarks.figures import Figure, machine, print_figures

PARTS: Mapping[str, Callable[[Path], Sequence[Figure]]] = {
    "creates": creates.measure,
    "longlog": long_log.measure,
    "handling": handling.measure,
    "rebuild": rebuild.measure,
    "past": past.measure,
    "start": start.measure,
    "mongodb": mongodb.measure,
    "reaction": reaction.measure,
    "labs": labs.measure,
    "life": life.measure,
    "hostile": hostile.measure,
    "audit": audit.measure,
    "kurrentdb": kurrentdb.measure,
}


def main(wanted: Sequence[str]) -> int:
    """Measure the parts named; all when none is. Answers the exit code."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no part {unknown[0]!r}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(machine(), flush=True)
    for name in wanted or PARTS:
        print(f"\n{name}", flush=True)
        with TemporaryDirectory(prefix=f"lab-bench-{name}-") as folder:
            print_figures(PARTS[name](Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
