"""Makes process provisioners for tests and looks at what they started."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal

from application.ports.provisioner import Health, Provisioner
from infrastructure.process.cgroups import dissolve, kill, open_groups
from infrastructure.process.confinement import Confinement
from infrastructure.process.files import kept_uids, read_record
from infrastructure.process.isolation import Isolation
from infrastructure.process.limit_groups import find_limit_groups
from infrastructure.process.proc import boot_id
from infrastructure.process.provisioner import ProcessProvisioner
from infrastructure.process.record import RuntimeRecord
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.site import Site
from infrastructure.system_clock import SystemClock
from infrastructure.templates.catalog import FileTemplateCatalog, load_catalog
from tests.servers.left_behind import groups_of

Level = Literal["bubblewrap", "none"]


@dataclass(kw_only=True)
class Ground:
    """One data directory, and provisioners on it; `settings` are those that tests change."""

    data_dir: Path
    level: Level
    templates: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    lab_python: Path = Path(sys.executable)

    def provisioner(self, **extras: Any) -> ProcessProvisioner:
        """Another provisioner on the same data directory; to be closed."""
        numbers = count(1)
        settings = ProcessSettings(
            data_dir=self.data_dir,
            lab_python=self.lab_python,
            isolation="required" if self.level == "bubblewrap" else "none",
            **{"grace": 2.0, "probe_interval": 0.05, **self.settings},
        )
        catalog = _catalog(self.lab_python, self.templates)
        # A token is drawn anew for each runtime, so tests can tell one from another.
        return ProcessProvisioner(
            settings,
            catalog,
            new_token=lambda: f"sesame-{os.getpid()}-{next(numbers)}",
            **{"now": SystemClock().now, **extras},
        )

    def path_of(self, uid: str) -> Path:
        """The directory of that lab."""
        return self.data_dir / "labs" / uid

    def record_of(self, uid: str) -> dict[str, Any]:
        """What is written down of that lab."""
        record: dict[str, Any] = json.loads((self.path_of(uid) / "record.json").read_text())
        return record

    def change_record(self, uid: str, **changes: Any) -> None:
        """Write something else down."""
        record = self.record_of(uid) | changes
        (self.path_of(uid) / "record.json").write_text(json.dumps(record))

    def pids_of(self, uid: str) -> list[int]:
        """The live processes of that lab."""
        return [process.pid for process in self._site().processes_of(uid, self._record_of(uid))]

    def kill_all(self) -> None:
        """Kill every process of every lab here, and leave no control group behind."""
        site = self._site()
        uids = {*kept_uids(site.root), *site.groups.uids()}
        for uid in uids:
            record = self._record_of(uid)
            site.kill_at_once(uid, record)
            while processes := site.processes_of(uid, record):
                for process in processes:
                    with suppress(ProcessLookupError):
                        os.kill(process.pid, signal.SIGKILL)
                time.sleep(0.01)
            site.dissolve(uid, record)
        leave_no_group(self.data_dir)

    def _site(self) -> Site:
        return Site(
            root=self.data_dir / "labs",
            owner=self.owner,
            boot=boot_id(),
            isolation=Isolation(
                health=Health(isolation="", message=""),
                confinement=Confinement(
                    lab_python=self.lab_python,
                    limit_groups=find_limit_groups(f"labs-{self.owner}", change=False),
                ),
            ),
            groups=open_groups(self.owner),
        )

    def _record_of(self, uid: str) -> RuntimeRecord | None:
        return read_record(self.path_of(uid), uid)

    @property
    def level_in_use(self) -> str:
        """What the level is called where it is used: root never runs labs as itself."""
        if self.level == "bubblewrap":
            return "bubblewrap"
        return "own-user" if os.geteuid() == 0 else "process-group"

    @property
    def owner(self) -> str:
        """The mark of this data directory's processes."""
        return (self.data_dir / "labs/.owner").read_text()

    def add_template(self, name: str, script: str, **changes: str) -> str:
        """A template whose program is the Python text given."""
        self.templates = self.data_dir.parent / "templates"
        self.templates.mkdir(exist_ok=True)
        (self.templates / f"{name}.py").write_text(script)
        lines: Mapping[str, str] = {
            "name": name,
            "title": name,
            "command": json.dumps(
                ["{python}", "-I", f"{{directory}}/{name}.py", "{port}", "{token_file}"]
            ),
            "readiness": "{path: /}",
            "access": "/?token={token}",
            "defaultDuration": "1h",
            "maximumDuration": "1h",
            **changes,
        }
        text = "".join(f"{key}: {value}\n" for key, value in lines.items())
        (self.templates / f"{name}.yaml").write_text(text)
        return name


@asynccontextmanager
async def closing(ground: Ground, provisioner: ProcessProvisioner) -> AsyncIterator[Provisioner]:
    """The provisioner, closed in the end, and with every process of the ground killed."""
    try:
        yield provisioner
    finally:
        await provisioner.close()
        if (ground.data_dir / "labs/.owner").exists():
            ground.kill_all()


def leave_no_group(data_dir: Path) -> None:
    """Remove the control groups of this data directory, whose processes were killed."""
    mark = data_dir / "labs/.owner"
    if not mark.exists():
        return
    owner = mark.read_text().strip()
    groups = open_groups(owner)
    deadline = time.monotonic() + 10
    while groups_of(owner) and time.monotonic() < deadline:
        for uid in groups.uids():
            for group in groups.of(uid):
                kill(group)
                dissolve(group)
        find_limit_groups(f"labs-{owner}", change=False).close()
        if groups.place is not None:
            with suppress(OSError):
                (groups.place / f"labs-{owner}").rmdir()
        time.sleep(0.01)


def shown_of(pid: int, what: str) -> str:
    """What the kernel shows of a process, zombies included; empty when it is not there."""
    try:
        return Path(f"/proc/{pid}/{what}").read_text()
    except FileNotFoundError:
        return ""


def bubblewrap_missing() -> str:
    """Why tests with bubblewrap are skipped; empty when they are not."""
    return "" if shutil.which("bwrap") else "bubblewrap is not installed"


@cache
def _catalog(lab_python: Path, directory: Path | None) -> FileTemplateCatalog:
    return load_catalog(lab_python=lab_python, directory=directory)
