"""Services on which labs report what they can see and do, started as root or as an ordinary
user, with bubblewrap, without it, or with one that fails."""

import json
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from infrastructure.process.files import LabFiles
from infrastructure.process.lab_python import find_lab_python
from infrastructure.process.mounts import Mounts
from infrastructure.process.own_mounts import mounting_script
from infrastructure.process.programs import tool
from infrastructure.templates.definition import Resources
from tests.architecture.tree import ROOT
from tests.hostile.reporting import REPORT
from tests.infrastructure.process.ground import leave_no_group
from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import (
    Service,
    command,
    create,
    environment,
    eventually,
    until_state,
)

NOBODY = 65534
_TEMPLATE = """
name: reporting
title: What a lab finds
command: ["{python}", "-I", "{directory}/report.py", "{port}", "{token_file}"]
environment: {OF_TEMPLATE: template, OF_BOTH: template}
readiness: {path: /}
access: /?token={token}
defaultDuration: 1h
maximumDuration: 1h
resources: {processes: 60, memoryMib: 200, temporaryMib: 3, sharedMemoryMib: 2}
"""


class ConfinedService(Service):
    """A service with processes for labs. `programs` is its PATH; `user` whom it runs as;
    `before` the words that take rights from it first."""

    def __init__(self, data_dir: Path, *, user: int, programs: str = "/usr/bin:/bin") -> None:
        self.templates = data_dir.parent / "templates"
        super().__init__(
            data_dir,
            LAB_PROVISIONER="process",
            LAB_TEMPLATES_DIR=str(self.templates),
            PATH=programs,
        )
        self.user = user
        self.before: Sequence[str] = ()
        self.templates.mkdir()
        (self.templates / "report.py").write_text(REPORT)
        (self.templates / "reporting.yaml").write_text(_TEMPLATE)

    def words(self) -> Sequence[str]:
        """The command that starts the service as its user."""
        return (
            command() if self.user == os.geteuid() else _as_user(self.user, self.data_dir.parent)
        )

    async def start(self, *, within: float = 90) -> None:
        """Start it and wait until it is ready, which a trial or two delay."""
        self.launch()
        await eventually(self._is_ready, within=within)

    def launch(self) -> None:
        """Start it and wait for nothing."""
        with self.logs.open("ab") as logs:
            self._process = subprocess.Popen(
                [*self.before, *self.words()],
                env=environment(self.variables),
                stderr=logs,
                stdin=subprocess.DEVNULL,
            )

    async def report_of(self, name: str, **variables: str) -> dict[str, Any]:
        """Make a lab and return what it found, with `lab` as the API shows it."""
        async with self.client() as client:
            uid = (await create(client, name, template="reporting", environment=variables))[
                "metadata"
            ]["uid"]
            lab = await until_state(client, name, "ready", within=90)
        found = self.data_dir / "labs" / uid / "work/found.json"

        async def written() -> bool:
            return bool(found.exists())

        await eventually(written, within=90)
        report: dict[str, Any] = json.loads(found.read_text())
        return {**report, "lab": lab}


@asynccontextmanager
async def ended_in_the_end(service: ConfinedService) -> AsyncIterator[ConfinedService]:
    """The service, gone after the block with its labs, their processes and control groups."""
    try:
        yield service
    finally:
        await service.kill()
        await eventually(lambda: _cleared(service.data_dir), within=20)
        leave_no_group(service.data_dir)


def may_become_others() -> str:
    """Why a service cannot be started as another user here; empty when it can."""
    if os.geteuid() != 0:
        return "only root can start a service as another user"
    tried = subprocess.run([tool("unshare"), "--mount", "--", "true"], check=False)
    return "root may not mount here" if tried.returncode else ""


async def _cleared(data_dir: Path) -> bool:
    running = lab_processes(data_dir)
    for pid in running:
        kill_tree(pid)
    return not running


def _as_user(user: int, place: Path) -> Sequence[str]:
    """The service as that user, who can reach the checkout, the interpreters and the test's own
    directory wherever they are."""
    for reachable in (place, *place.iterdir()):
        os.chown(reachable, user, user)
    pythons = [find_lab_python(ROOT / name / "bin/python") for name in (".venv", ".venv-labs")]
    shown = [ROOT, *(one for python in pythons for one in python.places)]
    files = LabFiles(place, "mounting")
    files.work = place
    files.temporary.mkdir(parents=True)
    files.token.touch()
    mounts = Mounts(covers=(), shown=shown, strangers=True)
    script = mounting_script(mounts, files, Resources())
    ids = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--bounding-set=-all"]
    outer = [tool("unshare"), "--mount", "--", "/bin/sh", "-c", script, "service"]
    # Where a part of /proc is covered, no user namespace may have a /proc of its own.
    outer += ["/bin/sh", "-c", f'{tool("umount")} -n /proc/sys; exec "$@"', "service"]
    return [*outer, tool("setpriv"), *ids, "--", tool("env"), f"HOME={place}", *command()]
