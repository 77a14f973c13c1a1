"""Searches for some minutes: python -m tests.fuzzing --minutes 30 --seed 7 --kinds json,heads

Each fault is printed and kept as a line in the file that --keep names."""

import argparse
import faulthandler
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzzing.attempt import KINDS
from tests.fuzzing.parsed import Parsed
from tests.fuzzing.search import Search, told
from tests.fuzzing.served import Trial

_REPORTED_EVERY = 300.0
_HUNG = 600.0


def main() -> int:
    """The exit code: how many faults were found, 100 at most."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as name:
        place = Path(name)
        trial = Trial(place)
        trial.start()
        search = Search(options.seed, options.kinds.split(","), trial, Parsed(place))
        try:
            number = _searched(search, minutes=options.minutes, kept=options.keep)
        finally:
            print("\n".join(told(search)), flush=True)  # noqa: T201  asked for
            trial.stop()
    return min(number, 100)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--keep", type=Path, default=Path("fuzzing-found.jsonl"))
    return parser.parse_args()


def _searched(search: Search, *, minutes: float, kept: Path) -> int:
    begun = reported = time.monotonic()
    number = 0
    for found in search.found():
        faulthandler.dump_traceback_later(_HUNG, exit=True)
        if found is not None:
            number += 1
            with kept.open("a") as file:
                file.write(found.attempt.kept() + "\n")
            seen = found.measured
            print(f"{found.faults} {found.attempt.kind} {seen}"[:600], flush=True)  # noqa: T201
        now = time.monotonic()
        if now - reported > _REPORTED_EVERY:
            reported = now
            print("\n".join(told(search)), flush=True)  # noqa: T201  asked for
        if now - begun > minutes * 60:
            break
    faulthandler.cancel_dump_traceback_later()
    return number


if __name__ == "__main__":
    sys.exit(main())
