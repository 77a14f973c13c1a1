"""Finds out which troubles of a seed matter."""

from tests.simulation.players.troubles import KINDS
from tests.simulation.run import simulate
from tests.simulation.world.swarm import draw_swarm


def shrink(seed: int) -> frozenset[int]:
    """The troubles that can be left out, one by one, with the same invariant broken."""
    first = simulate(seed).violation
    without = frozenset[int]()
    if first is None:
        return without
    for number in range(draw_swarm(seed, tuple(KINDS)).troubles):
        fewer = without | {number}
        found = simulate(seed, without=fewer).violation
        if found is not None and found.invariant == first.invariant:
            without = fewer
    return without
