"""What other labs feel of hostile ones: how long it takes to make, ready and remove a calm lab
while nobody means ill, and during each attack, the two by turns."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure, progress, seconds
from tests.hostile.arena import Arena, processes_with, python_of
from tests.hostile.cases import CASES

_CALM = 4
_ROUNDS = 3
_ALL = "all of them at once"
_GOAL = "1.20 x"


@dataclass
class Felt:
    """The seconds that calm labs took, one of each list for each lab."""

    creating: list[float] = field(default_factory=list)
    readying: list[float] = field(default_factory=list)
    removing: list[float] = field(default_factory=list)

    def medians(self) -> Sequence[float]:
        """Of creation, of readiness, of removal."""
        return [median(each) for each in (self.creating, self.readying, self.removing)]


def measure(folder: Path) -> Sequence[Figure]:
    """Each attack by itself, and all at once; calm labs before, during and after it."""
    wanted = os.environ.get("BENCH_ATTACKS", "").split(",")
    attacks = [name for name in (*CASES, _ALL, "hog") if wanted == [""] or name in wanted]
    with _service(folder) as arena:
        _calm_labs(arena, Felt(), "warm-up")
        calm = Felt()
        disturbed: dict[str, Felt] = {}
        for attack in attacks * _ROUNDS:
            _calm_labs(arena, calm, f"before {attack}")
            disturbed.setdefault(attack, Felt())
            names = CASES if attack == _ALL else (attack,)
            _begun(arena, names)
            _calm_labs(arena, disturbed[attack], attack)
            _ended(arena, names)
    return _figures(calm, disturbed)


def _figures(calm: Felt, disturbed: dict[str, Felt]) -> Sequence[Figure]:
    told = zip(("answer to a creation", "time to ready", "removal"), calm.medians(), strict=True)
    figures = [seconds(f"{what}, undisturbed", length) for what, length in told]
    everything = Felt()
    for attack, felt in disturbed.items():
        figures.append(_ratios(attack, calm, felt))
        if attack != _ALL:
            everything.creating += felt.creating
            everything.readying += felt.readying
            everything.removing += felt.removing
    if everything.creating:
        figures.append(_ratios("each by itself, all together", calm, everything))
    return figures


def _ratios(attack: str, calm: Felt, felt: Felt) -> Figure:
    pairs = zip(felt.medians(), calm.medians(), strict=True)
    value = " ".join(f"{during / before:.2f}" for during, before in pairs)
    return Figure(name=f"created, ready, removed: {attack}", value=f"{value} x", goal=_GOAL)


def _calm_labs(arena: Arena, felt: Felt, when: str) -> None:
    for number in range(_CALM):
        name = f"calm-{number}"
        begun = perf_counter()
        arena.create(name, "calm")
        felt.creating.append(perf_counter() - begun)
        arena.until_ready(name)
        felt.readying.append(perf_counter() - begun)
        begun = perf_counter()
        arena.act(name)
        arena.until_gone(name)
        felt.removing.append(perf_counter() - begun)
    told = [median(each[-_CALM:]) for each in (felt.creating, felt.readying, felt.removing)]
    progress(f"{when}: {' '.join(f'{each * 1000:.0f}' for each in told)} ms")


def _begun(arena: Arena, names: Sequence[str]) -> None:
    for name in names:
        arena.create(name, name, OUTSIDE=str(arena.data_dir.parent))
    for name in names:
        arena.until_ready(name)


def _ended(arena: Arena, names: Sequence[str]) -> None:
    for name in names:
        arena.act(name)
    for name in names:
        arena.until_gone(name)


@contextmanager
def _service(folder: Path) -> Iterator[Arena]:
    found = python_of("root")
    assert found is not None, "whoever runs this can run the service"
    arena = Arena(folder / "data", "root", *found)
    arena.start()
    try:
        yield arena
    finally:
        arena.stop()
        left = [each for each in (arena.data_dir / "labs").glob("*/work") if processes_with(each)]
        if left:
            progress(f"labs go on: {left}")
