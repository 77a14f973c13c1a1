"""The program that carries out a plan of mounts where there is no bubblewrap, started by root
in a mount namespace of its own. It hides files and nothing else."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from infrastructure.process.bubblewrap import room_in
from infrastructure.process.files import LabFiles
from infrastructure.process.mounts import Cover, Link, Mounts, Show, Step
from infrastructure.process.programs import tool
from infrastructure.templates.definition import Resources

_BEGIN = "set -e; umask 022"
_KERNEL = Path("/proc/sys")
_END = 'exec "$@"'


def mounting_script(mounts: Mounts, files: LabFiles, limits: Resources) -> str:
    """A shell script that mounts and then becomes the program given to it.

    Each outermost cover is made at `staging` with all that shows inside, and put in its place
    as a whole: once it covers, nothing beneath can be reached to be shown. Raises ToolMissing.
    """
    staging = files.temporary
    steps = mounts.steps(files)
    covers = [step for step in steps if isinstance(step, Cover)]
    outermost = [one for one in covers if not _is_inside(one.path, covers)]
    lines = [_BEGIN, _words("mount", "-n", "--bind", _KERNEL, _KERNEL), _read_only(_KERNEL)]
    # The cover that the staging place itself is in comes last: it cannot be reached after.
    for cover in sorted(outermost, key=lambda one: staging.is_relative_to(one.path)):
        inside = [step for step in steps if step.path.is_relative_to(cover.path)]
        for step in inside:
            lines += _made(step, staging / step.path.relative_to(cover.path), limits)
        closed = [step for step in inside if isinstance(step, Cover) and not step.writable]
        for step in reversed(closed):
            place = staging / step.path.relative_to(cover.path)
            lines.append(_read_only(place))
        lines.append(_words("mount", "-n", "--move", staging, cover.path))
    return "\n".join([*lines, _END])


def _made(step: Step, place: Path, limits: Resources) -> Sequence[str]:
    match step:
        case Cover():
            mode = "1777" if step.writable else "0755"
            how = f"size={room_in(step, limits)},mode={mode},nosuid,nodev"
            return [
                _words("mkdir", "-p", place),
                _words("mount", "-n", "-t", "tmpfs", "-o", how, "lab", place),
            ]
        case Show():
            made = ("mkdir", "-p") if step.path.is_dir() else ("touch",)
            shown = [_words("mkdir", "-p", place.parent), _words(*made, place)]
            shown.append(_words("mount", "-n", "--bind", step.path, place))
            if not step.writable:
                shown.append(_read_only(place))
            return shown
        case Link():
            return [
                _words("mkdir", "-p", place.parent),
                _words("ln", "-sfn", step.target, place),
            ]


def _is_inside(path: Path, covers: Sequence[Cover]) -> bool:
    return any(path != cover.path and path.is_relative_to(cover.path) for cover in covers)


def _read_only(place: Path) -> str:
    return _words("mount", "-n", "-o", "remount,bind,ro", place)


def _words(program: str, *words: str | Path) -> str:
    return shlex.join([tool(program), *(str(word) for word in words)])
