"""How labs are confined: bubblewrap where it works, else nothing but a session of their own."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from application.ports.provisioner import Health, ProvisionerUnavailable
from infrastructure.process.files import LabFiles
from infrastructure.process.settings import IsolationChoice

BUBBLEWRAP = "bubblewrap"
PROCESS_GROUP = "process-group"

_TEMPORARY_SPACE = 512 * 1024 * 1024
_WEAKER = (
    "labs are not confined ({why}): their programs can read what the service can read, its "
    "secrets and other labs included, and one that clears its environment and detaches can "
    "outlive its lab; install bubblewrap for real isolation"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The bubblewrap of this machine. `hidden` directories are empty inside, save for the
    `visible` ones, which can be read but not written."""

    program: str
    hidden: Sequence[Path]
    visible: Sequence[Path]

    def options(
        self, files: LabFiles, directory: Path, environment: Mapping[str, str]
    ) -> Sequence[str]:
        """What bubblewrap is told, apart from the command. There is no option to die with
        the service: labs outlive it."""
        told = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        told += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "lab"]
        told += ["--cap-drop", "ALL"]
        for place in self.hidden:
            told += ["--size", str(_TEMPORARY_SPACE), "--tmpfs", str(place)]
        for place in (*self.visible, directory):
            if any(place.is_relative_to(covered) for covered in self.hidden):
                told += ["--ro-bind", str(place), str(place)]
        told += ["--bind", str(files.work), str(files.work)]
        told += ["--ro-bind-try", str(files.token), str(files.token)]
        told += ["--chdir", str(files.work)]
        for name, value in environment.items():
            told += ["--setenv", name, value]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """The level in use; without a sandbox it is the weaker one."""

    health: Health
    sandbox: Sandbox | None


def choose_isolation(choice: IsolationChoice, *, root: Path, lab_python: Path) -> Isolation:
    """Find the strongest level allowed, by running it once.

    Raises ProvisionerUnavailable when bubblewrap is demanded and does not work.
    """
    if choice == "process-group":
        return _weaker("so it was chosen")
    program = shutil.which("bwrap")
    if program is None:
        trouble = "bubblewrap is not installed"
    else:
        sandbox = Sandbox(program=program, hidden=_hidden(root), visible=_needed(lab_python))
        trouble = _trouble(sandbox, root)
        if not trouble:
            return Isolation(health=Health(isolation=BUBBLEWRAP, message=""), sandbox=sandbox)
    if choice == "bubblewrap":
        raise ProvisionerUnavailable(trouble)
    return _weaker(trouble)


def _weaker(why: str) -> Isolation:
    health = Health(isolation=PROCESS_GROUP, message=_WEAKER.format(why=why))
    return Isolation(health=health, sandbox=None)


def _hidden(root: Path) -> Sequence[Path]:
    usual = ("/tmp", "/var/tmp", "/run", "/root", "/home")  # noqa: S108  they are covered, not used
    places = {Path(place).resolve() for place in usual} | {Path.home().resolve(), root.parent}
    # In this order a directory is covered before those inside it, never again after them.
    return sorted(place for place in places - {Path("/")} if place.is_dir())


def _needed(lab_python: Path) -> Sequence[Path]:
    """What labs need of the hidden directories: their interpreter, and the names of hosts."""
    resolver = Path("/run/systemd/resolve")
    needed = [resolver] if resolver.is_dir() else []
    try:
        answer = subprocess.run(  # noqa: S603  the interpreter is configured by the operator
            [lab_python, "-I", "-c", "import sys; print(sys.prefix, sys.base_prefix, sep='\\n')"],
            capture_output=True,
            check=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return needed
    prefixes = dict.fromkeys(Path(line) for line in answer.stdout.splitlines())
    return [*needed, *prefixes]


def _trouble(sandbox: Sandbox, root: Path) -> str:
    files = LabFiles(root, ".trial")
    files.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = sandbox.options(files, Path("/"), {})
    try:
        subprocess.run(  # noqa: S603  the arguments are our own
            [sandbox.program, *options, "--", "/bin/sh", "-c", "test -w ."],
            capture_output=True,
            check=True,
            text=True,
            timeout=20,
            env={},
        )
    except subprocess.CalledProcessError as error:
        return f"bubblewrap does not work here: {' '.join(error.stderr.split())[:200]}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not work here: {type(error).__name__}"
    finally:
        shutil.rmtree(files.directory, ignore_errors=True)
    return ""
