"""What was measured, and how it is shown."""

import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

_WIDTH = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the result. `goal` says what it should be; empty when there is none."""

    name: str
    value: str
    goal: str = ""


def rate(name: str, each_second: float, *, goal: str = "") -> Figure:
    """So many a second."""
    return Figure(name=name, value=f"{each_second:,.0f} /s", goal=goal)


def ratio(name: str, ours: float, theirs: float, *, goal: str = "") -> Figure:
    """Our rate as a multiple of theirs."""
    return Figure(name=name, value=f"{ours / theirs:.2f} x", goal=goal)


def seconds(name: str, length: float, *, goal: str = "") -> Figure:
    """A length of time, in the unit that suits it."""
    told = f"{length:.2f} s" if length >= 1 else f"{length * 1000:.1f} ms"
    return Figure(name=name, value=told, goal=goal)


def median_of(rounds: int, what: str, measured: Callable[[], float]) -> float:
    """The median of so many measurements; says each as it comes."""
    found: list[float] = []
    for number in range(1, rounds + 1):
        found.append(measured())
        progress(f"{what}: {found[-1]:,.2f} ({number} of {rounds})")
    return median(found)


def progress(line: str) -> None:
    """Say what is going on, apart from the results."""
    print(f"  ... {line}", file=sys.stderr, flush=True)


def print_figures(figures: Sequence[Figure]) -> None:
    """One line each."""
    for figure in figures:
        goal = f"   (goal: {figure.goal})" if figure.goal else ""
        print(f"  {figure.name:<{_WIDTH}} {figure.value:>12}{goal}", flush=True)


def machine() -> str:
    """On what this is measured."""
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {python}, {platform.machine()}"
