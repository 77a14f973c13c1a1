"""Starts the first process of a lab: its command and its environment; no waiting, no watching."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from application.ports.provisioner import ProvisionerUnavailable, RuntimeRefused, RuntimeRequest
from infrastructure.process.accounts import NOBODYS
from infrastructure.process.confinement import Confinement, Lodging
from infrastructure.process.files import LabFiles
from infrastructure.process.precedence import sacrificed_first, yields_processor
from infrastructure.process.programs import SYSTEM_PATH, ToolMissing
from infrastructure.process.spawning import Started, spawn
from infrastructure.templates.definition import TemplateDefinition
from infrastructure.templates.placeholders import fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """All that is needed to start one runtime. `account` is the user it runs as."""

    request: RuntimeRequest
    definition: TemplateDefinition
    files: LabFiles
    owner: str
    port: int
    confinement: Confinement
    account: int = NOBODYS

    def start(self) -> Started:
        """Start the process in a session of its own; it waits until it is let go.

        Then it neither ends with this process nor shares a file with it. Raises OSError, or
        ProvisionerUnavailable when a program that starts labs is missing.
        """
        limits = self.definition.resources
        lodging = Lodging(
            files=self.files,
            directory=self.definition.directory,
            limits=limits,
            account=self.account,
        )
        command = [self._filled(word) for word in self.definition.command]
        try:
            return spawn(
                self.confinement,
                lodging,
                command,
                outer=self._tags(),
                inner=self._environment(),
            )
        except ToolMissing as error:
            raise ProvisionerUnavailable(str(error)) from error

    def limit(self, started: Started) -> None:
        """Put what waits to be let go behind the service, and under the limits of the lab as a
        whole, as far as there can be any. May raise OSError."""
        with suppress(OSError):  # `labctl doctor` says so
            sacrificed_first(started.pid)
        groups = self.confinement.limit_groups
        if groups is None or "cpu" not in groups.parents:
            yields_processor(started.pid)
        if groups is not None:
            groups.enter(self.request.uid, started.pid, self.definition.resources)

    def _environment(self) -> Mapping[str, str]:
        usual = {
            "PATH": f"{self.confinement.lab_python.parent}:{SYSTEM_PATH}",
            "LANG": "C.UTF-8",
            "USER": "lab",
            "LOGNAME": "lab",
        }
        template = {name: self._filled(text) for name, text in self.definition.environment.items()}
        covered = self.confinement.hides_temporary
        fixed = {
            "HOME": str(self.files.work),
            "TMPDIR": "/tmp" if covered else str(self.files.temporary),  # noqa: S108  a fresh one in the sandbox
        }
        return {**usual, **template, **self.request.environment, **fixed, **self._tags()}

    def _tags(self) -> Mapping[str, str]:
        """For the lab's programs and for people who look; nothing is decided by them, since
        whoever runs a program chooses its environment."""
        return {
            "LAB_ID": str(self.request.lab),
            "LAB_UID": self.request.uid,
            "LAB_REVISION": str(self.request.revision),
            "LAB_OWNER": self.owner,
            "LAB_SPEC_HASH": spec_hash(self.request),
        }

    def _filled(self, text: str) -> str:
        return fill(
            text,
            {
                "python": str(self.confinement.lab_python),
                "port": str(self.port),
                "workdir": str(self.files.work),
                "token_file": str(self.files.token),
                "directory": str(self.definition.directory),
            },
        )


def spec_hash(request: RuntimeRequest) -> str:
    """Short name of what the runtime was asked to be."""
    asked = (request.template, sorted(request.environment.items()))
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]


def refuse_bad_environment(environment: Mapping[str, str]) -> None:
    """Raise RuntimeRefused for variables that no process can be given."""
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise RuntimeRefused(
                "InvalidEnvironment",
                f"the environment variable {name!r} cannot be given to a process",
                permanent=True,
            )
