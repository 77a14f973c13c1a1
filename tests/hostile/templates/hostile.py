"""A lab that does what its variable CASE names, and answers as a lab should, or worse.

It runs by itself inside the sandbox, so it imports nothing but the standard library.
"""

import gzip
import os
import shutil
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

HOME = os.environ["HOME"]
MEBIBYTE = 1 << 20
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n"
answered = 0


def calm() -> None:
    """Do no harm."""


def tags() -> None:
    """Claim to be others, with numbers that are none and bytes that are no text."""
    for revision in ("\u00b2".encode(), b"\xff\xfe", b"9" * 5000):
        claims = {
            b"LAB_OWNER": os.environb[b"LAB_OWNER"],
            b"LAB_ID": b"default/victim" + b"@" * 60_000,
            b"LAB_UID": b"11111111-2222-3333-4444-555555555555",
            b"LAB_REVISION": revision,
        }
        os.spawnve(os.P_NOWAIT, "/bin/sleep", ["sleep", "600"], claims)
    claims = {b"LAB_OWNER": os.environb[b"LAB_OWNER"], b"LAB_REVISION": b"1"}
    for name in (b"../../x", b".owner", b".trial", b"a\nb", b"/", b"", b"..", b"../labs.sqlite"):
        claims |= {b"LAB_UID": name, b"LAB_ID": name}
        os.spawnve(os.P_NOWAIT, "/bin/sleep", ["sleep", "600"], claims)


def crowd() -> None:
    """Many processes, each with as large an environment as there may be."""
    large = {f"V{number}": "x" * 100_000 for number in range(15)}
    for _ in range(60):
        os.spawnve(os.P_NOWAIT, "/bin/sleep", ["sleep", "600"], large)


def deep() -> None:
    """Directories in directories, deeper than a path may be long or a call stack high."""
    for _ in range(1_100):
        Path("d" * 8).mkdir()
        os.chdir("d" * 8)
    Path().chmod(0)


def many() -> None:
    """More files than anybody wants to wait for."""
    for number in range(10_000):
        os.close(os.open(f"{HOME}/{number}", os.O_CREAT | os.O_WRONLY))


def log() -> None:
    """Make the log huge, over and over."""

    def grow() -> None:
        while True:
            with suppress(OSError):
                os.ftruncate(1, 1 << 30)
            time.sleep(0.05)

    threading.Thread(target=grow, daemon=True).start()


def locked() -> None:
    """Lock the home, so that nobody may enter."""
    Path(HOME).chmod(0)


def hog() -> None:
    """Take all the time of the processors that there is."""
    for _ in range(30):
        if os.fork() == 0:
            while True:
                pass


def links() -> None:
    """Put links to what is outside wherever the service may write, read or remove."""
    if Path("all").is_symlink():
        return
    outside = os.environ["OUTSIDE"]
    for name, target in (
        ("notebook.py", f"{outside}/kept"),
        ("further.py", f"{outside}/never-made"),
        ("below", outside),
        ("directory", outside),
        ("file", f"{outside}/kept"),
        ("all", "/"),
    ):
        with suppress(OSError):
            shutil.rmtree(name) if os.path.isdir(name) else os.unlink(name)  # noqa: PTH108, PTH112
        os.symlink(target, name)  # noqa: PTH211  it need not be there
    for depth in range(3):
        closed = Path(f"closed-{depth}/within")
        closed.mkdir(parents=True)
        (closed / "link").symlink_to(outside)
        (closed / "file").touch()
        closed.chmod(0)
        closed.parent.chmod(0)


def escape() -> None:
    """Leave parent, session and environment behind, hear no signal, and come back when killed."""
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        breed()


def breed() -> None:
    """Keep ten children that hear no signal."""
    while True:
        children = [_child() for _ in range(10)]
        for child in children:
            with suppress(OSError):
                os.waitpid(child, 0)


def _child() -> int:
    child = os.fork()
    if child == 0:
        script = "unshare -Urpf sleep 600 || exec sleep 600"
        os.execve("/bin/sh", ["sh", "-c", script], {"PATH": "/usr/bin:/bin"})
    return child


def speak(link: socket.socket, case: str) -> None:
    """Answer well until ready, and then as the case wants it."""
    global answered  # noqa: PLW0603  one server, one count
    with link:
        head = link.recv(65_536)
        with suppress(OSError), Path(HOME, "heard").open("ab") as heard:
            heard.write(head)
        answered += 1
        if case == "ends" and answered == 1:
            threading.Timer(0.7, os._exit, (1,)).start()
        if case == "cookies":
            crumbs = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 2000) for n in range(10))
            link.sendall(b"HTTP/1.1 200 OK\r\n" + crumbs + b"Content-Length: 0\r\n\r\n")
        elif answered < 2 or case not in ("stream", "bomb", "drip"):
            link.sendall(OK)
        elif case == "stream":
            link.sendall(HUGE + b"\r\n")
            for _ in range(4_000):
                link.sendall(bytes(MEBIBYTE))
        elif case == "bomb":
            piece = gzip.compress(bytes(64 * MEBIBYTE))
            link.sendall(HUGE + b"Content-Encoding: gzip\r\n\r\n")
            for _ in range(10_000):
                link.sendall(piece)
        else:
            for byte in OK * 100:
                link.sendall(bytes([byte]))
                time.sleep(1.5)


def serve(port: int, case: str) -> None:
    """Serve for ever, each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", port), backlog=64) as server:
        while True:
            link, _ = server.accept()
            threading.Thread(target=_guarded, args=(link, case), daemon=True).start()


def _guarded(link: socket.socket, case: str) -> None:
    with suppress(OSError):
        speak(link, case)


if __name__ == "__main__":
    named = os.environ.get("CASE", "calm")
    globals().get(named, calm)()
    serve(int(sys.argv[1]), named)
