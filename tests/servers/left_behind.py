"""What tests may not leave behind: processes, control groups, mounts, and files elsewhere than in
the directories that pytest keeps for a while."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from infrastructure.process.cgroups import open_groups
from infrastructure.process.limit_groups import find_limit_groups

_MARK = "TESTS_OF"
_ENDING = 10.0
_OWNERS = ("*/labs/.owner", "*/*/labs/.owner", "*/*/*/labs/.owner")


@contextmanager
def nothing_left(kept: Path) -> Iterator[None]:
    """Fails at the end, and names what is left of all that was begun inside. `kept`: where
    pytest keeps the directories of the tests."""
    before = tempfile.tempdir
    temporary = Path(tempfile.mkdtemp(prefix="tests-"))
    temporary.chmod(0o711)  # services of other users have directories in it
    run = Run(mark=f"{_MARK}={uuid4()}", kept=kept, temporary=temporary)
    with _environment(dict([run.mark.split("=")]) | {"TMPDIR": str(temporary)}):
        tempfile.tempdir = str(temporary)
        yield
    tempfile.tempdir = before
    left = run.left()
    subprocess.run(["rm", "-rf", "--", temporary], check=True)  # what is deep is no matter to it
    assert not left, "left behind: " + "; ".join(left)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of tests. `mark`: a variable that all its processes have but labs, which have the
    mark of the service that owns them."""

    mark: str
    kept: Path
    temporary: Path

    def left(self) -> Sequence[str]:
        """What is left of it. What was just killed has a moment to end."""
        deadline = time.monotonic() + _ENDING
        while (found := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return [*found, *self._groups(), *self._mounts(), *self._files()]

    def _owners(self) -> Sequence[str]:
        marks = [mark for pattern in _OWNERS for mark in self.kept.glob(pattern)]
        return sorted({mark.read_text().strip() for mark in marks if mark.is_file()})

    def _processes(self) -> Sequence[str]:
        marks = {self.mark, *(f"LAB_OWNER={owner}" for owner in self._owners())}
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if marks.isdisjoint((process / "environ").read_text(errors="replace").split("\0")):
                    continue
                words = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
            except OSError:
                continue
            found.append(f"process {process.name}: {words}")
        return found

    def _groups(self) -> Sequence[str]:
        return [str(group) for owner in self._owners() for group in groups_of(owner)]

    def _mounts(self) -> Sequence[str]:
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        here = tuple(f"{folder}/" for folder in (self.kept, self.temporary))
        return [f"mount {line.split()[4]}" for line in mounts if line.split()[4].startswith(here)]

    def _files(self) -> Sequence[str]:
        return [str(path) for path in self.temporary.iterdir()]


def groups_of(owner: str) -> Sequence[Path]:
    """The control groups, of each kind, that all labs of this owner have in common."""
    name = f"labs-{owner}"
    parents = {*find_limit_groups(name, change=False).parents.values()}
    place = open_groups(owner).place
    parents |= set() if place is None else {place / name}
    return sorted(group for group in parents if group.exists())


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
