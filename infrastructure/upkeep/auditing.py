"""`audit verify`: a whole log looked through, with all that vouches for it and follows from it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from application.projections.reporting import Report
from domain.log_tree.checkpoint import LogCheckpoint, origin_by
from domain.log_tree.proofs import subtrees
from domain.log_tree.tree import GrowingTree
from infrastructure.auditing.findings import Findings
from infrastructure.auditing.log_check import LogCheck, Row, Start
from infrastructure.auditing.vouched import Epoch, Source, Vouched
from infrastructure.codec.instants import from_microseconds
from infrastructure.sqlite.event_rows import AFTER_POSITION, EventRow, head_of
from infrastructure.sqlite.judgement import Judgement, judge, open_unchanged
from infrastructure.sqlite.log_tip import LogTip, followed
from infrastructure.sqlite.log_tree import leaves_after
from infrastructure.sqlite.salvage import damage_of
from infrastructure.sqlite.signed_checkpoints import all_checkpoints
from infrastructure.sqlite.stored_rows import fetch_rows
from infrastructure.sqlite.tree_nodes import TreeNodes
from infrastructure.sqlite.unusable import UnusableDatabase, described
from infrastructure.unusable import Unusable
from infrastructure.upkeep.view_differences import ViewDifferences

_CHUNK = 1000
_EPOCHS = "SELECT number, first_position, begun_at, reason FROM epochs ORDER BY number"
_KEPT = "SELECT height, number, hash FROM tree"
_COUNT = "SELECT count(*) FROM events WHERE position <= ? AND position > ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom to trust, what else vouches, and from where on to look."""

    keys: frozenset[bytes]
    sources: Sequence[Source] = ()
    since: LogCheckpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was looked through, and what was found. `last`: the largest checkpoint that holds."""

    events: int
    streams: int
    size: int
    position: int
    origin: str
    last: LogCheckpoint | None
    findings: Findings


def audit_file(path: Path, wanted: Wanted, report: Report) -> Audited:
    """Look through the log in the file, changing nothing, beside a running service if need be,
    up to where it ends at the start. Raises Unusable."""
    if not path.exists():
        raise UnusableDatabase(path, "there is no such file")
    findings = Findings()
    try:
        judgement = judge(path)
        if not judgement.trusted:
            findings.add(f"the log is {judgement.standing.value}: {judgement.reason}")
        with closing(open_unchanged(path)) as connection:
            found = _FileAudit(connection, wanted, findings, judgement).run(report)
        if damage := damage_of(path):
            findings.add(f"the pages of the file are damaged: {damage}")
    except sqlite3.Error as error:
        raise UnusableDatabase(path, described(error, path)) from error
    return found


class _FileAudit:
    def __init__(
        self,
        connection: sqlite3.Connection,
        wanted: Wanted,
        findings: Findings,
        judgement: Judgement,
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._findings = findings
        self._known = judgement.tip if wanted.since is None else None
        self._tip = LogTip()
        self._epochs = _epochs(connection)
        self._begins = {epoch.first_position for epoch in self._epochs}
        self._gaps = 0
        self._views = ViewDifferences(connection)
        self._end = head_of(connection)
        self._nodes: list[tuple[int, int, bytes]] = []

    def run(self, report: Report) -> Audited:
        start = self._start()
        check = LogCheck(self._findings, start, gap=self._is_right, ordered=True)
        vouched = Vouched(self._findings, self._wanted.keys, self._epochs)
        begins = self._origin(vouched, start.tree.size)
        for rows in self._chunks(start.position):
            self._take(rows, check, vouched)
            report(rows[-1][0], self._end)
        self._finish(check, vouched)
        return Audited(
            events=check.events,
            streams=len(check.tips),
            size=check.tree.size,
            position=check.position,
            origin=begins,
            last=vouched.last,
            findings=self._findings,
        )

    def _start(self) -> Start:
        since = self._wanted.since
        if since is None:
            return Start(tree=GrowingTree(), position=0, recorded_at=-(2**62))
        nodes = TreeNodes(self._connection)
        try:
            tree = GrowingTree(since.size, subtrees(since.size, nodes.node))
        except ValueError:
            tree = GrowingTree()
        if tree.root != since.root:
            raise Unusable(
                f"the tree in the file does not begin with the checkpoint of {since.size} events: "
                "look through all of it, without --since"
            )
        return Start(tree=tree, position=since.position, recorded_at=-(2**62))

    def _origin(self, vouched: Vouched, after: int) -> str:
        first = leaves_after(self._connection, 0, 1)
        if not first:
            return ""
        origin = origin_by(first[0][1])
        kept = [kept.note for kept in all_checkpoints(self._connection)]
        own = Source(name="the file of the log", notes=kept, own=True)
        since = self._wanted.since
        if since and since.origin != origin:
            raise Unusable(f"--since is of another log, {since.origin:.100}: this one is {origin}")
        vouched.last = since
        vouched.expect([own, *self._wanted.sources], origin, after=after)
        return origin

    def _chunks(self, after: int) -> Iterator[Sequence[EventRow]]:
        while rows := fetch_rows(self._connection, AFTER_POSITION, (after, self._end, _CHUNK)):
            yield rows
            after = rows[-1][0]

    def _take(self, rows: Sequence[Row], check: LogCheck, vouched: Vouched) -> None:
        for row in rows:
            check.add(row)
            if check.tree.size == vouched.next_size:
                vouched.hold(check.tree, check.tips)
            if row[4] == self._views.ends and row[0] > self._views.position:
                self._views.keep(row[1])
        self._nodes += check.tree.complete
        check.tree.complete.clear()
        self._follow_tip(rows)

    def _follow_tip(self, rows: Sequence[EventRow]) -> None:
        """The hash that runs over all, up to where the tip was recorded."""
        known = self._known
        if known is None:
            return
        until = [row for row in rows if row[0] <= known.position]
        try:
            self._tip = followed(self._tip, until)
        except sqlite3.Error:  # the row was found damaged already
            self._known = None
            return
        if until and until[-1][0] == known.position and self._tip.running != known.running:
            self._findings.add(
                f"the positions, times or hashes up to {known.position} are not those recorded "
                "in the tip beside the file"
            )

    def _finish(self, check: LogCheck, vouched: Vouched) -> None:
        findings = self._findings
        vouched.end(check.tree.size)
        begins = self._wanted.since.position if self._wanted.since else -(2**62)
        [count] = self._connection.execute(_COUNT, (self._end, begins)).fetchone()
        if count != check.events:
            findings.add(f"{count - check.events} events stand at impossible positions")
        stored = {(row[0], row[1]): row[2] for row in self._connection.execute(_KEPT)}
        differing = [one for one in self._nodes if stored.get(one[:2], one[2]) != one[2]]
        if differing:
            findings.add(f"{len(differing)} hashes of the tree in the file are not of its events")
        if self._gaps:
            findings.notice(f"{self._gaps} gaps between positions are where an epoch begins")
        for epoch in self._epochs:
            if epoch.number:
                findings.notice(
                    f"epoch {epoch.number} began at {epoch.begun_at.isoformat()}: a person "
                    f"accepted the log as it stood ({epoch.reason:.200})"
                )
        if self._wanted.since is None:
            self._compare_views(check)

    def _compare_views(self, check: LogCheck) -> None:
        if self._views.position > check.position:
            self._findings.add(
                f"the views are at position {self._views.position}, beyond the end of the log"
            )
        living: Mapping[str, bool] = check.lives.alive
        for told in self._views.found(stream for stream, alive in living.items() if alive):
            self._findings.add(told)

    def _is_right(self, before: int, position: int) -> bool:
        right = position in self._begins and position > before
        self._gaps += right
        return right


def _epochs(connection: sqlite3.Connection) -> Sequence[Epoch]:
    return [
        Epoch(
            number=number,
            first_position=first,
            begun_at=from_microseconds(begun_at),
            reason=reason,
        )
        for number, first, begun_at, reason in connection.execute(_EPOCHS)
    ]
