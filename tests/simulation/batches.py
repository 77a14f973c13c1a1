"""Many seeds, a batch in each operating system process, several of those at a time."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BATCH = 25  # dead worlds are kept until their process ends, about a megabyte each


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of one seed, as its process wrote it. `broken` is the invariant that does not
    hold, empty when all do; `tail` the end of its timeline then."""

    seed: int
    digest: str
    broken: str
    detail: str
    tail: Sequence[str]
    figures: dict[str, float]

    @property
    def replay(self) -> str:
        """The command that makes it happen again."""
        return f"make simulate SEED={self.seed}"

    def __str__(self) -> str:
        return "\n".join(
            [*self.tail, f"seed {self.seed}: {self.broken}: {self.detail}", f"  {self.replay}"]
        )


def run_seeds(seeds: Sequence[int], *, workers: int) -> Iterator[Report]:
    """Run the seeds, and report each as its batch ends."""
    batches = [seeds[start : start + _BATCH] for start in range(0, len(seeds), _BATCH)]
    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(run_batch, batch) for batch in batches]
        for batch in as_completed(running):
            yield from batch.result()


def run_batch(seeds: Sequence[int], *, mutant: str = "", hash_seed: str = "") -> Sequence[Report]:
    """Run the seeds in one process. With a mutant it ends at the first seed that finds it."""
    command = [sys.executable, "-m", "tests.simulation", "--batch", ",".join(map(str, seeds))]
    command += ["--mutant", mutant] if mutant else []
    environment = os.environ | ({"PYTHONHASHSEED": hash_seed} if hash_seed else {})
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return [Report(**json.loads(line)) for line in done.stdout.splitlines()]
