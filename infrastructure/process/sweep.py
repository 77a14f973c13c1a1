"""Finds every process that belongs to a lab, also those that left their parent and session."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from infrastructure.process.proc import (
    LAB_TAG,
    OWNER_TAG,
    REVISION_TAG,
    UID_TAG,
    Process,
    all_processes,
    namespace_of,
    read_tags,
)

_SECOND_LOOKS = 2
_BETWEEN_LOOKS = 0.002
_NOBODY: Mapping[str, Process] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The live processes of one lab, and what their tags say of it."""

    lab: str
    revision: int
    processes: Sequence[Process]

    @property
    def leader(self) -> Process | None:
        """The process the lab was started as, if it still lives."""
        leaders = (process for process in self.processes if process.is_leader)
        return min(leaders, key=lambda leader: (leader.start_time, leader.pid), default=None)


def sweep(owner: str, *, on_record: Mapping[str, Process] = _NOBODY) -> Mapping[str, Tree]:
    """The processes of each lab of that owner, by lab uid.

    A process belongs to a lab when it carries its tag or is the one `on_record`, or shares its
    process namespace or a session with one of these, or descends from one that belongs.
    """
    seen = all_processes()
    spared = _own_line(seen)
    tags = _tags(seen.values(), owner, spared)
    tagged = {one.pid: uid for uid, one in on_record.items() if _is_there(one, seen)}
    tagged |= {pid: found[UID_TAG] for pid, found in tags.items() if found is not None}
    if not tagged:
        return {}
    belonging = _with_relatives(seen, tagged, spared)
    trees: dict[str, Tree] = {}
    for pid, uid in sorted(tagged.items()):
        if uid not in trees:
            found = tags.get(pid) or {}
            trees[uid] = Tree(
                lab=found.get(LAB_TAG, ""),
                revision=_number(found.get(REVISION_TAG, "")),
                processes=tuple(seen[one] for one, owned in belonging.items() if owned == uid),
            )
    return trees


def _is_there(process: Process, seen: Mapping[int, Process]) -> bool:
    now = seen.get(process.pid)
    return now is not None and now.start_time == process.start_time


def _own_line(seen: Mapping[int, Process]) -> frozenset[int]:
    """This process and those it descends from: they are nobody's lab, whatever they carry."""
    line: set[int] = set()
    pid = os.getpid()
    while pid in seen and pid not in line:
        line.add(pid)
        pid = seen[pid].parent
    return frozenset(line)


def _tags(
    seen: Iterable[Process], owner: str, spared: frozenset[int]
) -> dict[int, Mapping[str, str] | None]:
    """The tags of each process that has some of that owner's, None for the others."""
    read = {process.pid: read_tags(process.pid) for process in seen if process.pid not in spared}
    for _ in range(_SECOND_LOOKS):
        unread = [pid for pid, found in read.items() if found is None]
        if unread:
            # Some may be between two programs; the kernel's own never have an environment.
            time.sleep(_BETWEEN_LOOKS)
            read |= {pid: read_tags(pid) for pid in unread}
    return {pid: found if _is_tagged(found, owner) else None for pid, found in read.items()}


def _is_tagged(found: Mapping[str, str] | None, owner: str) -> bool:
    return found is not None and found.get(OWNER_TAG) == owner and bool(found.get(UID_TAG))


def _with_relatives(
    seen: Mapping[int, Process], tagged: Mapping[int, str], spared: frozenset[int]
) -> dict[int, str]:
    outside = {namespace_of(os.getpid()), ""}
    of_namespace = {namespace_of(pid): uid for pid, uid in tagged.items()}
    of_session = {seen[pid].session: uid for pid, uid in tagged.items()}
    for shared in {seen[pid].session for pid in spared}:
        of_session.pop(shared, None)
    belonging = dict(tagged)
    for pid, process in seen.items():
        if pid in belonging or pid in spared:
            continue
        namespace = namespace_of(pid)
        if namespace not in outside and namespace in of_namespace:
            belonging[pid] = of_namespace[namespace]
        elif process.session in of_session:
            belonging[pid] = of_session[process.session]
    return belonging | _descendants(seen, belonging, spared)


def _descendants(
    seen: Mapping[int, Process], belonging: Mapping[int, str], spared: frozenset[int]
) -> dict[int, str]:
    found: dict[int, str] = {}
    for pid in seen:
        if pid in belonging or pid in spared:
            continue
        line = [pid]
        while line[-1] in seen and line[-1] not in belonging and len(line) < len(seen) + 2:
            line.append(seen[line[-1]].parent)
        if line[-1] in belonging:
            found[pid] = belonging[line[-1]]
    return found


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
