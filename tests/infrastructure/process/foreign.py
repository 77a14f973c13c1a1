"""Trees of directories as no tool makes them by mistake."""

import os
from pathlib import Path

_NAME = "d"


def dig(top: Path, depth: int, *, mode: int = 0o755) -> None:
    """Make so many directories in each other, whose path is longer than any path may be."""
    place = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir(_NAME, dir_fd=place)
        deeper = os.open(_NAME, os.O_RDONLY | os.O_DIRECTORY, dir_fd=place)
        os.fchmod(place, mode)
        os.close(place)
        place = deeper
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=place))
    os.close(place)


def strew(top: Path, number: int) -> None:
    """Make so many files in one directory."""
    top.mkdir(parents=True, exist_ok=True)
    place = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for each in range(number):
        os.close(os.open(str(each), os.O_WRONLY | os.O_CREAT, dir_fd=place))
    os.close(place)
