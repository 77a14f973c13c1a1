"""Which processes belong to a lab: those in its control group, its first process and the first
inside its sandbox, their sessions, and all that descend from any of these.

Nothing here is the processes' own word. Below the first process of a sandbox nobody leaves: who
loses its parent there becomes that one's child.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from infrastructure.process.proc import Process, opens_namespace, own_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """What a lab's processes are known by. `anchors`: live processes that are the lab's.
    `members`: numbers in its control group. `session`: that of its first process."""

    anchors: Sequence[Process] = ()
    members: Collection[int] = ()
    session: int = 0
    started_at: int = 0


def kin(seen: Mapping[int, Process], roots: Roots) -> Sequence[Process]:
    """The processes among those `seen` that belong to the lab."""
    spared = own_line(seen)
    found = {one.pid for one in roots.anchors if _lives(seen, one)}
    found |= {pid for pid in roots.members if pid in seen}
    found |= {one.pid for one in seen.values() if _in_session(one, seen, roots)}
    found -= spared
    children: defaultdict[int, list[int]] = defaultdict(list)
    for process in seen.values():
        children[process.parent].append(process.pid)
    waiting = list(found)
    while waiting:
        fresh = set(children[waiting.pop()]) - found - spared
        found |= fresh
        waiting += fresh
    return tuple(seen[pid] for pid in sorted(found))


def sandbox_init(leader: Process, seen: Mapping[int, Process]) -> Process | None:
    """The first process inside the sandbox that the leader keeps, if it keeps one."""
    below = (one for one in seen.values() if one.parent == leader.pid)
    return next((one for one in below if opens_namespace(one.pid)), None)


def _lives(seen: Mapping[int, Process], process: Process) -> bool:
    now = seen.get(process.pid)
    return now is not None and now.start_time == process.start_time


def _in_session(process: Process, seen: Mapping[int, Process], roots: Roots) -> bool:
    """Whether it is in the session that the lab's first process led. While one process is in it,
    the kernel gives its number to no other; when another has it, the session is over."""
    if not roots.session or process.session != roots.session:
        return False
    leader = seen.get(roots.session)
    if leader is not None and leader.start_time != roots.started_at:
        return False
    return process.start_time >= roots.started_at
