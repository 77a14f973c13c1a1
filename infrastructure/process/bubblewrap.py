"""The options of bubblewrap that carry out a plan of mounts."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from infrastructure.process.files import LabFiles
from infrastructure.process.mounts import SHARED_MEMORY, Cover, Link, Mounts, Show, Step
from infrastructure.templates.definition import Resources

_MIB = 1024 * 1024
_FOR_ITS_OWN_DIRECTORIES = _MIB
_NAMESPACES = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "lab"]
_TO_BECOME_ANOTHER = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]


def bubblewrap_options(mounts: Mounts, files: LabFiles, limits: Resources) -> Sequence[str]:
    """All options apart from the command. There is none to die with the service: labs
    outlive it. Capabilities are kept only where the lab is to become another user first."""
    steps = mounts.steps(files)
    options = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    options += ["--ro-bind", "/proc/sys", "/proc/sys", *_NAMESPACES, "--cap-drop", "ALL"]
    if mounts.strangers:
        options += [word for name in _TO_BECOME_ANOTHER for word in ("--cap-add", name)]
    if not any(step.path == SHARED_MEMORY for step in steps):
        options += _mounted(Cover(SHARED_MEMORY, writable=True), limits)
    made: set[Path] = set()
    for step in steps:
        for above in reversed(list(_inside_covers(step.path, steps))):
            if above not in made:
                options += ["--perms", "0755", "--dir", str(above)]
                made.add(above)
        options += _mounted(step, limits)
    covers = [step for step in steps if isinstance(step, Cover) and not step.writable]
    options += [word for cover in covers for word in ("--remount-ro", str(cover.path))]
    return [*options, "--remount-ro", "/dev", "--chdir", "/"]


def room_in(cover: Cover, limits: Resources) -> int:
    """How many bytes a cover may hold."""
    if not cover.writable:
        return _FOR_ITS_OWN_DIRECTORIES
    room = limits.shared_memory_mib if cover.path == SHARED_MEMORY else limits.temporary_mib
    return room * _MIB


def _mounted(step: Step, limits: Resources) -> Sequence[str]:
    path = str(step.path)
    match step:
        case Cover():
            mode = "1777" if step.writable else "0755"
            return ["--perms", mode, "--size", str(room_in(step, limits)), "--tmpfs", path]
        case Show():
            return ["--bind" if step.writable else "--ro-bind", path, path]
        case Link():
            return ["--symlink", step.target, path]


def _inside_covers(path: Path, steps: Sequence[Step]) -> Iterator[Path]:
    """The directories between a step and the cover it is in, which bubblewrap would make
    for their owner only."""
    for above in path.parents:
        if any(step.path == above for step in steps):
            return
        if any(above.is_relative_to(step.path) for step in steps):
            yield above
