"""One service for each kind of user, with every hostile lab at once."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hostile.arena import NOBODY, Arena, processes_with, python_of
from tests.hostile.cases import CASES
from tests.infrastructure.process.ground import bubblewrap_missing, leave_no_group

_OUTSIDE = """
import sys
from pathlib import Path
kept = Path(sys.argv[1])
kept.parent.mkdir()
kept.write_text("as it was")
"""


@pytest.fixture(scope="module", params=["root", "nobody"])
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """The service at work, and its hostile labs, all of them ready."""
    user: str = request.param
    if bubblewrap_missing():
        pytest.skip(bubblewrap_missing())
    if user == "root" and os.geteuid() != 0:
        pytest.skip("only root can start a service as root")
    found = python_of(user)
    if found is None:
        pytest.skip("the checkout or its interpreter lies where nobody may enter")
    home = Path(tempfile.mkdtemp(prefix="arena-"))
    if os.geteuid() == 0 and user != "root":
        os.chown(home, NOBODY, NOBODY)
    made = Arena(home / "data", user, *found)
    try:
        made.run(_OUTSIDE, str(made.kept))
        made.start()
        outside = str(made.kept.parent)
        for case in CASES:
            made.create(case, case, OUTSIDE=outside)
        for case in CASES:
            made.until_ready(case)
        yield made
    finally:
        made.stop()
        _clean(made)
        leave_no_group(made.data_dir)
        subprocess.run(["rm", "-rf", "--", home], check=True)  # what is deep is no matter to it


def _clean(arena: Arena) -> None:
    labs = arena.data_dir / "labs"
    for directory in labs.iterdir() if labs.is_dir() else ():
        for pid in processes_with(directory / "work"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
