"""Whether the simulation finds what it should: each mutant, over the seeds, until one does."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from time import monotonic

from tests.simulation.batches import run_batch


def hunt(names: Sequence[str], *, seeds: range, workers: int) -> int:
    """Print a line for each mutant, as it is found or not; 0 when all are found."""
    missed = 0
    begun = monotonic()
    with ThreadPoolExecutor(workers) as pool:
        hunts = {pool.submit(run_batch, seeds, mutant=name): name for name in names}
        for ended in as_completed(hunts):
            last = ended.result()[-1]
            missed += not last.broken
            verdict = f"seed {last.seed:>3}  {last.broken}" if last.broken else "NOT FOUND"
            print(f"{hunts[ended]:<26} {verdict}", flush=True)
    found = len(names) - missed
    took = monotonic() - begun
    print(f"{found} of {len(names)} mutants found within {len(seeds)} seeds, {took:.0f} s")
    return 1 if missed else 0
