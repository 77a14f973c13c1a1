"""Asks /livez of the service, and the same of a server that does nothing else: what both take
long for is the machine's doing. As a program it asks until its input ends, and prints what it
found: a process of its own is not held up by whoever attacks."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_REQUEST = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_BETWEEN = 0.03
_PATIENCE = 20.0
_STILL = """
import asyncio

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass
class Asker:
    """Asks one port again and again, each time on a connection of its own."""

    port: int
    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    asked_at: float = 0.0  # 0 while nothing is asked

    def ask(self) -> None:
        """Once."""
        self.asked_at = begun = time.monotonic()
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as link:
                link.sendall(_REQUEST)
                answer = link.recv(4096)
        except OSError:
            pass
        self.failures += not answer.startswith(b"HTTP/1.1 200 ")
        self.seconds.append(time.monotonic() - begun)
        self.asked_at = 0.0

    def slowest(self, since: int) -> float:
        """Of those that were asked since then, one that is still under way included."""
        under_way = time.monotonic() - self.asked_at if self.asked_at else 0.0
        return max([*self.seconds[since:], under_way])


class Askers:
    """Two who ask at the same time, in threads: the service, and the server that does nothing."""

    def __init__(self, port: int) -> None:
        self.service = Asker(port)
        self.still = Asker(0)
        self._ended = threading.Event()
        self._threads: Sequence[threading.Thread] = ()
        self._process: subprocess.Popen[str] | None = None
        self._since = (0, 0, 0)

    def start(self) -> None:
        """Begin to ask."""
        words = [sys.executable, "-I", "-c", _STILL]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.still.port = int(self._process.stdout.readline())
        self._threads = [
            threading.Thread(target=self._go_on, args=(each,), daemon=True)
            for each in (self.service, self.still)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for_answers(self) -> None:
        """Until both have been asked once."""
        while not (self.service.seconds and self.still.seconds):
            time.sleep(_BETWEEN)

    def stop(self) -> None:
        """End what was begun."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def begin(self) -> None:
        """From here on `excess` and `failed` count."""
        service, still = self.service, self.still
        self._since = (len(service.seconds), len(still.seconds), service.failures)

    def excess(self) -> float:
        """How much longer the service's slowest answer took than the other's."""
        ours, theirs, _ = self._since
        return self.service.slowest(ours) - self.still.slowest(theirs)

    def failed(self) -> bool:
        """Whether the service did not answer well."""
        return self.service.failures > self._since[2]

    def _go_on(self, asker: Asker) -> None:
        while not self._ended.wait(_BETWEEN):
            asker.ask()


def main(port: int) -> None:
    """Ask until the input ends; print a line for the beginning and one with what was found."""
    askers = Askers(port)
    askers.start()
    askers.wait_for_answers()
    print("begun", flush=True)  # noqa: T201  read by whoever started it
    sys.stdin.read()
    askers.stop()
    found = {
        "service": askers.service.seconds,
        "still": askers.still.seconds,
        "failures": askers.service.failures,
    }
    print(json.dumps(found), flush=True)  # noqa: T201  read by whoever started it


if __name__ == "__main__":
    main(int(sys.argv[1]))
