"""A lab that tries what it must not be able to do, and writes down what each try gained it.

It runs by itself inside the sandbox, so it imports nothing but the standard library. A try
gives back what it gained, in lines, none for nothing; where the system refuses it, OSError says
so. What begins with `made: ` is a file whose directory may be the lab's own: whoever reads the
report looks whether it is there on the machine.
"""

import ctypes
import functools
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

HOME = Path(os.environ["HOME"])
LABS = HOME.parent.parent
DATA = LABS.parent
SERVICE = os.environ["SERVICE"]
VICTIM = LABS / os.environ["VICTIM"]
CODE = Path(os.environ["CODE"])
SECRETS = (DATA / "admin.token", VICTIM / "token")
NEW_USER, NEW_MOUNTS, NEW_PIDS = 0x10000000, 0x00020000, 0x20000000
REMOUNT, BIND, RECURSIVE, DETACH = 32, 4096, 16384, 2
KERNEL = ("core_pattern", "domainname", "modprobe", "hotplug")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
Try = Callable[[], list[str]]
TRIES: dict[str, Try] = {}
libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *words: object) -> None:
    """A function of the C library; raises OSError where it fails."""
    given = [os.fsencode(word) if isinstance(word, (str, Path)) else word for word in words]
    if getattr(libc, name)(*given) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)


def seen(*paths: Path) -> list[str]:
    """The beginnings of those that can be read."""
    found = []
    for path in paths:
        with suppress(OSError):
            content = os.listdir(path) if path.is_dir() else path.read_bytes()[:9]  # noqa: PTH208  names only
            found.append(f"{path}: {content!r}")
    return found


def written(*paths: Path) -> list[str]:
    """Those that can be written to; nothing is."""
    found = []
    for path in paths:
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
            found.append(f"can be written to: {path}")
    return found


def made_in(*directories: Path) -> list[str]:
    """The files that were made in those, one in each."""
    found = []
    for directory in directories:
        file = directory / f"made-by-{os.urandom(8).hex()}"
        with suppress(OSError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            found.append(f"made: {file}")
    return found


def strangers_in(processes: Path) -> list[str]:
    """The service and the other labs, if they are shown there."""
    told = []
    for words in processes.glob("[0-9]*/cmdline"):
        with suppress(OSError):
            told.append(words.read_bytes().decode(errors="replace"))
    return [words for words in told if "labctl" in words or "hostile.py" in words]


def tried(attempt: Try) -> Try:
    """It is one of the tries."""
    TRIES[attempt.__name__] = attempt
    return attempt


def tried_as_root_of_a_namespace(attempt: Try) -> Try:
    """It is one, by the root of a user namespace with mounts and processes of its own."""

    @functools.wraps(attempt)
    def inside() -> list[str]:
        maps = {
            "setgroups": "deny",
            "uid_map": f"0 {os.getuid()} 1",
            "gid_map": f"0 {os.getgid()} 1",
        }
        call("unshare", NEW_USER | NEW_MOUNTS | NEW_PIDS)
        for name, text in maps.items():
            Path("/proc/self", name).write_text(text)
        if child := os.fork():  # the first process of the new namespace tells what it gained
            os.waitpid(child, 0)
            os._exit(0)
        return attempt()

    return tried(inside)


@tried
def the_services_token() -> list[str]:
    """Row 1."""
    return seen(DATA / "admin.token")


@tried
def the_log_of_events() -> list[str]:
    """Row 2."""
    return seen(*(DATA / f"labs.sqlite{end}" for end in ("", "-wal", "-shm")))


@tried
def files_of_another_lab() -> list[str]:
    """Row 3."""
    return seen(VICTIM, VICTIM / "work", VICTIM / "token", VICTIM / "log", VICTIM / "record.json")


@tried
def the_services_kubeconfig() -> list[str]:
    """Row 4, with whatever else the service keeps."""
    return seen(*(DATA / name for name in ("kubeconfig", "tls", "service.lock", "labs/.owner")))


@tried
def other_processes() -> list[str]:
    """Row 5."""
    return strangers_in(Path("/proc"))


@tried
def the_services_environment() -> list[str]:
    """Row 6."""
    return seen(Path("/proc", SERVICE, "environ"), Path("/proc", SERVICE, "root/etc/shadow"))


@tried
def another_mount_namespace() -> list[str]:
    """Row 7: whichever can be named. One's own is none."""
    own = Path("/proc/self/ns/mnt").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "ns/mnt").readlink() != own:
                call("setns", os.open(process / "ns/mnt", os.O_RDONLY), 0)
                return [str(process), *seen(*SECRETS)]
    return []


@tried
def the_machines_settings() -> list[str]:
    """Row 8."""
    return written(Path("/etc/passwd"), Path("/etc/hosts")) + made_in(Path("/etc"), Path("/usr"))


@tried
def the_services_code() -> list[str]:
    """Row 9."""
    files = (CODE / "api/__init__.py", Path(__file__), Path(sys.executable))
    return written(*files) + made_in(CODE, CODE / "api", Path(__file__).parent)


@tried
def control_groups() -> list[str]:
    """Row 10."""
    top = Path("/sys/fs/cgroup")
    groups = [top, *(each for each in top.glob("*") if each.is_dir()), *top.glob("*/*/")]
    return made_in(*groups) + written(*(group / "cgroup.procs" for group in groups))


def acting_files(proc: Path) -> list[Path]:
    """Those that do something to the kernel when they are written to."""
    return [proc / f"sys/kernel/{name}" for name in KERNEL] + [proc / "sysrq-trigger"]


@tried
def the_kernels_settings() -> list[str]:
    """Row 11, with /proc/sys."""
    return written(*acting_files(Path("/proc")), Path("/sys/power/state"))


@tried
def the_kernels_messages() -> list[str]:
    """Row 12, with the devices."""
    names = "kmsg mem port sda vda kvm fuse loop-control net/tun"
    return written(*(Path("/dev", name) for name in names.split()))


def mount_points() -> Iterator[Path]:
    """All, the last first."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    yield from (Path(line.split()[4]) for line in reversed(lines))


@tried_as_root_of_a_namespace
def uncovered() -> list[str]:
    """Row 13: take away the covers, and whatever else is mounted."""
    for place in mount_points():
        with suppress(OSError):
            call("umount2", place, DETACH)
    return seen(*SECRETS, VICTIM / "work")


@tried_as_root_of_a_namespace
def made_writable() -> list[str]:
    """Rows 14 and 17: mount everything anew, to be written to."""
    for place in mount_points():
        with suppress(OSError):
            call("mount", None, place, None, REMOUNT | BIND, None)
    return the_machines_settings() + the_services_code() + the_kernels_settings()


@tried_as_root_of_a_namespace
def bound_around() -> list[str]:
    """Row 15: show in another place what is below the covers."""
    gained = []
    for number, how in enumerate((BIND, BIND | RECURSIVE)):
        (place := HOME / f"around-{number}").mkdir(exist_ok=True)
        with suppress(OSError):
            call("mount", "/", place, None, how, None)
            gained += seen(*(place / path.relative_to("/") for path in SECRETS))
    return gained


@tried_as_root_of_a_namespace
def processes_shown() -> list[str]:
    """Row 16: another /proc."""
    (place := HOME / "proc").mkdir(exist_ok=True)
    call("mount", "proc", place, "proc", 0, None)
    return strangers_in(place) + written(*acting_files(place))


@tried_as_root_of_a_namespace
def power_of_root() -> list[str]:
    """Row 18: what root may do, as the root of a namespace that has no other users."""
    gained = seen(Path("/etc/shadow"))
    with suppress(OSError):
        os.setuid(1)
        gained.append("another user")
    with suppress(OSError):
        os.chown("/etc/hosts", 0, 0)
        gained.append("a file of root's")
    return gained


@tried
def more_than_its_share() -> list[str]:
    """Row 38: be served before others."""
    os.nice(-5)
    return [f"nice {os.nice(0)}"]


@tried
def its_own_files() -> list[str]:
    """What every lab may do: a try that gains nothing here would prove nothing anywhere."""
    return seen(HOME) + made_in(HOME) + written(Path("/dev/null"))


def gained_by(attempt: Try) -> dict[str, object]:
    """What comes of it, in a process of its own: `gained`, `refused` or `broken`."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        told: dict[str, object]
        try:
            told = {"gained": attempt()}
        except OSError as error:
            told = {"refused": str(error)}
        except BaseException:  # noqa: BLE001  a try that is broken proves nothing, and is told of
            told = {"broken": traceback.format_exc()}
        os.write(writer, json.dumps(told).encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        said: dict[str, object] = json.loads(file.read() or b'{"broken": "it said nothing"}')
    return said


def main(port: int) -> None:
    """Try everything, and then be a good lab."""
    report = {name: gained_by(attempt) for name, attempt in TRIES.items()}
    (HOME / "found.json").write_text(json.dumps(report))  # all of it, before anybody is answered
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            link, _ = server.accept()
            with link, suppress(OSError):
                link.recv(65_536)
                link.sendall(OK)


if __name__ == "__main__":
    main(int(sys.argv[1]))
