"""A seed decides everything: what a run finds, another run of it finds again."""

from tests.simulation.batches import run_batch

SEEDS = range(7, 13)


def test_a_seed_goes_the_same_way_in_any_process_and_in_any_order() -> None:
    """Every step counts for the digest. Hashes of strings, and what ran before, do not matter."""
    once = {one.seed: one.digest for one in run_batch(SEEDS, hash_seed="1")}
    again = {one.seed: one.digest for one in run_batch(SEEDS[::-1], hash_seed="2")}
    assert once == again
    assert len({*once.values()}) == len(SEEDS)
