"""The command line of the simulation: many seeds, one seed with its timeline, or the mutants."""

import argparse
import json
import os
import sys
from collections import Counter
from time import monotonic

from tests.simulation.batches import run_seeds
from tests.simulation.mutants.catalogue import MUTANTS, VETTED
from tests.simulation.mutants.hunting import hunt
from tests.simulation.run import Outcome, prepare, simulate
from tests.simulation.shrinking import shrink

_TAIL = 40


def main() -> int:
    """0 when every invariant holds, or every mutant is found."""
    asked = _parser().parse_args()
    workers = asked.workers or os.cpu_count() or 1
    if asked.batch:
        return _batch([int(seed) for seed in asked.batch.split(",")], asked.mutant)
    if asked.seed is not None:
        without = frozenset(int(number) for number in filter(None, asked.without.split(",")))
        return _replay(asked.seed, without, asked.mutant, shrinks=asked.shrink)
    if asked.mutants:
        return hunt(asked.only or list(MUTANTS), seeds=range(asked.seeds), workers=workers)
    return _many(range(asked.first, asked.first + asked.seeds), workers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=0, help="which is the first")
    parser.add_argument("--workers", type=int, default=0, help="processes; else one for each core")
    parser.add_argument("--seed", type=int, help="replay this one, and show its timeline")
    parser.add_argument("--without", default="", help="leave these of its troubles out: 3,7")
    parser.add_argument("--shrink", action="store_true", help="leave out all that can be")
    parser.add_argument("--mutants", action="store_true", help="whether mutations are found")
    names = [*MUTANTS, *VETTED]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help="only this mutant"
    )
    parser.add_argument(
        "--mutant", default="", choices=names, metavar="NAME", help="replay with this mutation"
    )
    parser.add_argument("--batch", default="", help=argparse.SUPPRESS)
    return parser


def _batch(seeds: list[int], mutant: str) -> int:
    """Run them and write a line of JSON for each."""
    _get_ready(mutant)
    for seed in seeds:
        outcome = simulate(seed)
        print(json.dumps(_written(outcome)), flush=True)
        if mutant and outcome.violation:
            break
    return 0


def _written(outcome: Outcome) -> dict[str, object]:
    found = outcome.violation
    return {
        "seed": outcome.seed,
        "digest": outcome.digest,
        "broken": found.invariant if found else "",
        "detail": found.detail if found else "",
        "tail": outcome.lines[-_TAIL:] if found else [],
        "figures": outcome.figures,
    }


def _replay(seed: int, without: frozenset[int], mutant: str, *, shrinks: bool) -> int:
    _get_ready(mutant)
    if shrinks:
        without = shrink(seed)
        print(f"--without {','.join(map(str, sorted(without)))}")
    outcome = simulate(seed, without=without)
    print("\n".join(outcome.lines))
    print(" ".join(f"{name}={value:g}" for name, value in outcome.figures.items()))
    print(f"seed {seed}: digest {outcome.digest}: {outcome.violation or 'all invariants hold'}")
    return 1 if outcome.violation else 0


def _get_ready(mutant: str) -> None:
    if mutant:
        (MUTANTS | VETTED)[mutant].apply()
    prepare()


def _many(seeds: range, workers: int) -> int:
    begun = monotonic()
    done, failed, sums = 0, 0, Counter[str]()
    for report in run_seeds(seeds, workers=workers):
        done += 1
        sums.update(report.figures)
        if report.broken:
            failed += 1
            print(report, flush=True)
        if done % 100 == 0 or done == len(seeds):
            rate = done / (monotonic() - begun)
            print(f"{done}/{len(seeds)} seeds, {failed} failed, {rate:.1f} a second", flush=True)
    print("on average: " + " ".join(f"{name}={sums[name] / done:.0f}" for name in sums))
    return 1 if failed else 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # what dead processes have left must not be finalized now either
