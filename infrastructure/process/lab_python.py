"""The Python that labs run in: where it really is."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 20
_ASK = "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabPython:
    """`program` is to be run; `places` is what it needs to see, itself included;
    `answers`: whether it runs."""

    program: Path
    places: Sequence[Path]
    answers: bool

    @property
    def closed(self) -> Path:
        """The first of the places that only some users may read, else the last."""
        closed = (one for one in self.places if one.exists() and one.stat().st_mode & 5 != 5)
        return next(closed, self.places[-1])


def find_lab_python(program: Path) -> LabPython:
    """What the interpreter says of itself; itself only, when it does not answer."""
    try:
        answer = subprocess.run(  # noqa: S603  the interpreter is configured by the operator
            [program, "-I", "-c", _ASK],
            capture_output=True,
            check=True,
            text=True,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
        )
        executable, *prefixes = map(Path, answer.stdout.splitlines())
    except (OSError, ValueError, subprocess.SubprocessError):
        return LabPython(program=program, places=[program], answers=False)
    # Not the directory of a wrapper that leads to it, as version managers put into the path.
    places = list(dict.fromkeys([executable, *prefixes]))
    return LabPython(program=executable, places=places, answers=True)
