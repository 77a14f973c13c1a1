"""Processes that stand where a lab was that is gone: a program that was not confined may have
left its lab and outlived it. The kernel says where they stand. They are told, and left alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from infrastructure.process.files import is_uid
from infrastructure.process.proc import Process, all_processes, is_same, own_line, stands_at
from infrastructure.process.removal import leaving_name

_MOST = 20
_GONE = " (deleted)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """A process, and the lab in whose removed directory it stands or writes."""

    process: Process
    uid: str


def left_behind(root: Path, known: Collection[str]) -> Sequence[LeftBehind]:
    """At most twenty such processes of labs below `root`, none of them of a lab that is known."""
    seen = all_processes()
    spared = own_line(seen)
    found: list[LeftBehind] = []
    for process in seen.values():
        if process.pid in spared:
            continue
        uids = {_lab_at(root, place) for place in stands_at(process.pid)} - {""}
        if uids and not uids & set(known):
            found.append(LeftBehind(process=process, uid=min(uids)))
        if len(found) == _MOST:
            break
    return tuple(found)


def remark_on(found: Sequence[LeftBehind]) -> str:
    """What to say of those that still run; empty when there are none."""
    alive = [f"{one.process.pid} of lab {one.uid}" for one in found if is_same(one.process)]
    if not alive:
        return ""
    return f"processes of labs that were removed still run ({', '.join(alive)}): end them"


def _lab_at(root: Path, place: str) -> str:
    """The uid of the removed lab whose directory this was; empty where it was none."""
    start = f"{root}/"
    if not (place.startswith(start) and place.endswith(_GONE)):
        return ""
    name = place[len(start) : -len(_GONE)].partition("/")[0]
    return name if is_uid(name) else leaving_name(Path(name))
