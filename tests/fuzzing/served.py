"""A real service under trial: what it answers, and what that costs it."""

import asyncio
import json
import socket
import time
from pathlib import Path

import httpx

from tests.fuzzing.attempt import TARGET, Attempt
from tests.fuzzing.measured import NO_ANSWER_IN_TIME, Measured
from tests.hostile_peer.stillness import Askers
from tests.scenarios.service import LABS, Service, manifest
from tests.servers.plain_http import NO_TLS

_PATIENCE = 30.0
_UNFINISHED = 0.3
_MOST_READ = 64 * 1024 * 1024
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"


class Trial:
    """A service with simulated labs, one of which is `TARGET`, and somebody who asks /livez."""

    def __init__(self, place: Path) -> None:
        self._service = Service(place / "data")
        self._askers = Askers(self._service.port)

    def start(self) -> None:
        """Start it all."""
        asyncio.run(self._service.start())
        self._askers.start()
        self.renew()

    def stop(self) -> None:
        """End it all."""
        self._askers.stop()
        asyncio.run(self._service.stop())

    def renew(self) -> None:
        """Let the target be as it was in the beginning."""
        headers = {"Authorization": f"Bearer {self._service.token}"}
        address = f"http://127.0.0.1:{self._service.port}"
        with httpx.Client(base_url=address, headers=headers, timeout=60, verify=NO_TLS) as client:
            client.delete(f"{_LEASES}/{TARGET}")
            client.patch(
                "/api/v1/namespaces/default",
                json={"metadata": {"annotations": None, "labels": None}},
                headers={"Content-Type": "application/merge-patch+json"},
            )
            client.patch(
                f"{LABS}/{TARGET}",
                json={"metadata": {"finalizers": None}},
                headers={"Content-Type": "application/merge-patch+json"},
            )
            client.delete(f"{LABS}/{TARGET}")
            deadline = time.monotonic() + 60
            while client.post(LABS, json=manifest(TARGET)).status_code != 201:
                assert time.monotonic() < deadline, client.get(f"{LABS}/{TARGET}").text
                time.sleep(0.05)

    def tried(self, attempt: Attempt) -> Measured:
        """Put it to the service, and see."""
        before = self._memory("VmRSS")
        Path(f"/proc/{self._service.pid}/clear_refs").write_text("5")  # the peak begins anew
        self._askers.begin()
        begun = self._processor()
        answer = self._spoken(attempt)
        seconds = self._processor() - begun
        return Measured(
            code=NO_ANSWER_IN_TIME if answer is None else _code(answer),
            said=_said(answer or b""),
            answered=len(answer or b""),
            answers=max(1, (answer or b"").count(b"HTTP/1.1 ")),
            seconds=seconds,
            livez=self._askers.excess(),
            peak=self._memory("VmHWM"),
            before=before,
            trouble=("no /livez",) if self._askers.failed() else (),
        )

    def _spoken(self, attempt: Attempt) -> bytes | None:
        """The answer; None where it did not come in time. A head need not be a whole one, so
        what stays without an answer to it is no fault."""
        unfinished = attempt.kind == "heads"
        answer = bytearray()
        with socket.create_connection(("127.0.0.1", self._service.port)) as link:
            link.settimeout(_PATIENCE)
            try:
                link.sendall(attempt.request(self._service.token))
                link.settimeout(_UNFINISHED if unfinished else _PATIENCE)
                while len(answer) < _MOST_READ and (piece := link.recv(1 << 20)):
                    answer += piece
            except TimeoutError:
                return bytes(answer) if unfinished else None
            except ConnectionError:
                pass
        return bytes(answer)

    def _memory(self, name: str) -> int:
        lines = Path(f"/proc/{self._service.pid}/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

    def _processor(self) -> float:
        """Seconds that the service has had of the processors, its ended threads included."""
        return time.clock_gettime(~self._service.pid << 3 | 2)  # clock_getcpuclockid(3)


def _code(answer: bytes) -> int:
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def _said(answer: bytes) -> str:
    body = answer.partition(b"\r\n\r\n")[2]
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return ""
