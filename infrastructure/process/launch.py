"""Starts the first process of a lab: command, environment, limits; no waiting and no watching."""

import fcntl
import hashlib
import os
import resource
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from application.ports.provisioner import RuntimeRefused, RuntimeRequest
from infrastructure.process.files import LabFiles
from infrastructure.process.isolation import Sandbox
from infrastructure.templates.definition import Resources, TemplateDefinition

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OPTIONS_FD = 3
_GATE_FD = 4
_SHELL = "/bin/sh"
_ABOVE_THESE = 10
# Reads one line before it becomes the lab's program; at the end of the pipe it ends instead.
_WAIT = f'read -r _ <&{_GATE_FD} && exec "$@" {_GATE_FD}<&-'


class Started:
    """The first process of a lab, which does nothing until it is let go. If it never is, since
    this service has died or could not write it down, it ends without having begun."""

    def __init__(self, pid: int, gate: int) -> None:
        self.pid = pid
        self._gate = gate
        self._is_free = False

    def let_go(self) -> None:
        """Let it become the lab. Raises OSError when it is gone."""
        os.write(self._gate, b"\n")
        self._is_free = True

    def close(self) -> None:
        """Keep it or lose it: it goes on if it was let go, and is ended and reaped if not."""
        os.close(self._gate)
        if not self._is_free:
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """All that is needed to start one runtime."""

    request: RuntimeRequest
    definition: TemplateDefinition
    files: LabFiles
    owner: str
    lab_python: Path
    port: int
    sandbox: Sandbox | None

    def start(self) -> Started:
        """Start the process in a session of its own; it waits until it is let go.

        Then it neither ends with this process nor shares a file with it. Raises OSError.
        """
        inner = [self._filled(word) for word in self.definition.command]
        limits = _limits(self.definition.resources)
        if self.sandbox is None:
            outer = ["/usr/bin/env", "-C", str(self.files.work), *limits, *inner]
            return self._spawn(outer, self._environment(), None)
        # The student's variables go in by a file: they could change what the outer programs
        # do, and in the arguments everybody could read them.
        options = self.sandbox.options(self.files, self.definition.directory, self._environment())
        outer = ["/usr/bin/env", *limits, self.sandbox.program, "--args", str(_OPTIONS_FD)]
        return self._spawn([*outer, "--", *inner], self._tags(), options)

    def _spawn(
        self, words: list[str], environment: Mapping[str, str], options: Sequence[str] | None
    ) -> Started:
        append = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.files.log), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        with ExitStack() as stack:
            if options is not None:
                handed = _high(os.memfd_create("lab-options"))
                stack.callback(os.close, handed)
                os.write(handed, b"".join(os.fsencode(word) + b"\0" for word in options))
                os.lseek(handed, 0, os.SEEK_SET)
                actions.append((os.POSIX_SPAWN_DUP2, handed, _OPTIONS_FD))
            waiting, gate = (_high(end) for end in os.pipe2(os.O_CLOEXEC))
            stack.callback(os.close, waiting)
            actions.append((os.POSIX_SPAWN_DUP2, waiting, _GATE_FD))
            try:
                pid = os.posix_spawn(
                    _SHELL,
                    [_SHELL, "-c", _WAIT, "lab", *words],
                    environment,
                    file_actions=actions,
                    setsid=True,
                    setsigmask=(),
                    setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
                )
            except BaseException:
                os.close(gate)
                raise
            return Started(pid, gate)

    def _environment(self) -> dict[str, str]:
        usual = {
            "PATH": f"{self.lab_python.parent}:{_SYSTEM_PATH}",
            "LANG": "C.UTF-8",
            "USER": "lab",
            "LOGNAME": "lab",
        }
        own = {name: self._filled(text) for name, text in self.definition.environment.items()}
        fixed = {
            "HOME": str(self.files.work),
            "TMPDIR": str(self.files.temporary) if self.sandbox is None else "/tmp",  # noqa: S108  a fresh one in the sandbox
        }
        return {**usual, **self.request.environment, **own, **fixed, **self._tags()}

    def _tags(self) -> dict[str, str]:
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
        return text.format(
            python=self.lab_python,
            port=self.port,
            workdir=self.files.work,
            token_file=self.files.token,
            directory=self.definition.directory,
        )


def _high(descriptor: int) -> int:
    """The same open file under a number that stands in nobody's way."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE_THESE)
    finally:
        os.close(descriptor)


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


def _limits(wanted: Resources) -> list[str]:
    program = shutil.which("prlimit", path=_SYSTEM_PATH)
    if program is None:
        return []
    mib = 1024 * 1024
    return [
        program,
        f"--as={_allowed(resource.RLIMIT_AS, wanted.memory_mib * mib)}",
        f"--nofile={_allowed(resource.RLIMIT_NOFILE, wanted.open_files)}",
        f"--fsize={_allowed(resource.RLIMIT_FSIZE, wanted.file_size_mib * mib)}",
        "--core=0",
        "--",
    ]


def _allowed(kind: int, wanted: int) -> int:
    """What may be asked for: a hard limit can only go down."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
