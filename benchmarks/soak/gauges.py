"""What the service takes of the machine, and how far it is behind, at one moment."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.scenarios.service import Service

MIB = 1024 * 1024
_PAGE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look. Memory and files in MiB; descriptors, threads and processor time, in seconds, are
    those of the service and its writer together; lags in positions; `labs` in any state but
    deleted."""

    at: float
    service: float
    writer: float
    descriptors: float
    threads: float
    processor: float
    projector_lag: float
    watcher_lag: float
    log: float
    wal: float
    events: float
    labs: float


async def sample(service: Service, client: httpx.AsyncClient, *, at: float) -> Sample:
    """A look at the service now. Raises httpx.HTTPError when it does not answer."""
    text = (await client.get("/metrics")).raise_for_status().text
    pids = (service.pid, service.writer_pid)
    database = service.data_dir / "labs.sqlite"
    return Sample(
        at=at,
        service=_memory(pids[0]),
        writer=_memory(pids[1]),
        descriptors=sum(_entries(pid, "fd") for pid in pids),
        threads=sum(_entries(pid, "task") for pid in pids),
        processor=sum(map(_processor, pids)),
        projector_lag=_value(text, "lab_projection_lag"),
        watcher_lag=_value(text, "lab_watcher_lag"),
        log=database.stat().st_size / MIB,
        wal=_size(database.with_name("labs.sqlite-wal")) / MIB,
        events=_value(text, "lab_events_total"),
        labs=_value(text, r"lab_instances\{[^}]*\}"),
    )


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / MIB


def _entries(pid: int, of: str) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/{of}").iterdir())


def _processor(pid: int) -> float:
    """Of all that it ran itself."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _value(text: str, name: str) -> float:
    return sum(float(found) for found in re.findall(rf"^{name} (\S+)$", text, re.MULTILINE))
