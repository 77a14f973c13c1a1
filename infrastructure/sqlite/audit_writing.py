"""Writing the audit's records: everything of one batch and the checkpoint in one transaction."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from uuid import UUID

from application.ports.audit_records import Act, Attribution, Resting, Trace, Transition
from application.ports.checkpoints import Checkpoint
from application.structures.remembered import Remembered
from domain.lab_instance.status import LabState
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.view_codec import LAB_DOCUMENT

HOUR = 3_600_000_000
NO_STATE = -1
STATES = tuple(LabState)
"""A state is stored as its place here: what is added later comes at the end."""

_STATE_NUMBERS = {state: number for number, state in enumerate(STATES)}
_WORDS_REMEMBERED = 100_000
_LIVES_REMEMBERED = 50_000
_INSERT_ACT = "INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SPAN = (
    "INSERT INTO spans VALUES (?1, ?2, ?2) ON CONFLICT (hour) DO UPDATE"
    " SET first = min(first, ?2), last = max(last, ?2)"
)
_NET = (
    "INSERT INTO hours VALUES (?, ?, ?) ON CONFLICT (hour, state) DO UPDATE"
    " SET net = net + excluded.net"
)
_BEGIN_LIFE = "INSERT INTO lives VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CHANGE_LIFE = "UPDATE lives SET student = ?, template = ?, labels = ?, gone_at = ? WHERE uid = ?"
_CLOSE = "UPDATE uses SET until = ? WHERE life = ? AND until IS NULL"
_REST = "INSERT OR REPLACE INTO resting VALUES (?, ?, ?, ?, ?)"
_OPEN = "INSERT INTO uses VALUES (?, ?, ?, NULL, ?, ?, ?, ?)"


class AuditWriting:
    """Writes through one connection, in one thread at a time. Words and lives met before are
    remembered, so that most of what is written needs no look."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._words: Remembered[str, int] = Remembered(_WORDS_REMEMBERED)
        self._lives: Remembered[str, int] = Remembered(_LIVES_REMEMBERED)
        self._verbs: set[str] = set()

    def record(self, traces: Sequence[Trace], checkpoint: Checkpoint) -> None:
        """See AuditRecords.record. Raises sqlite3.Error, having changed nothing."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                done = _done(cursor, checkpoint.origin)
                if checkpoint.position > done:
                    fresh = [trace for trace in traces if trace.act.position > done]
                    self._write(fresh, checkpoint)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                self._forget()
                raise

    def _forget(self) -> None:
        """What was remembered may not have been written."""
        self._words.clear()
        self._lives.clear()
        self._verbs.clear()

    def _write(self, traces: Sequence[Trace], checkpoint: Checkpoint) -> None:
        run = self._connection.execute
        self._write_acts([trace.act for trace in traces])
        for trace in traces:
            self._write_life(trace)
            self._write_use(trace)
            if trace.resting is not None:
                self._connection.execute(_REST, _resting_row(trace.resting))
        self._write_transitions([one.transition for one in traces if one.transition])
        run("DELETE FROM checkpoint")
        run("INSERT INTO checkpoint VALUES (?, ?)", (checkpoint.position, checkpoint.origin))

    def _write_acts(self, acts: Sequence[Act]) -> None:
        self._connection.executemany(_INSERT_ACT, map(self._act_row, acts))
        spans: dict[int, list[int]] = {}
        for act in acts:
            spans.setdefault(to_microseconds(act.at) // HOUR, []).append(act.position)
        ends = {(hour, end) for hour, met in spans.items() for end in (met[0], met[-1])}
        self._connection.executemany(_SPAN, sorted(ends))

    def _act_row(self, act: Act) -> tuple[object, ...]:
        if act.verb and act.type not in self._verbs:
            pair = self._word(act.type), self._word(act.verb)
            self._connection.execute("INSERT OR REPLACE INTO verbs VALUES (?, ?)", pair)
            self._verbs.add(act.type)
        texts = (act.type, act.resource, act.namespace, act.name, act.uid, act.actor)
        return (
            act.position,
            act.version,
            to_microseconds(act.at),
            UUID(act.id).bytes,
            bytes.fromhex(act.hash),
            *map(self._word, texts),
            self._word(act.on_behalf_of),
        )

    def _write_life(self, trace: Trace) -> None:
        if begins := trace.begins:
            place = map(self._word, (begins.uid, begins.namespace, begins.name))
            since, creator = to_microseconds(begins.created_at), self._word(begins.creator)
            whose = map(self._word, _columns(begins.attribution))
            row = (begins.created_position, *place, since, creator, *whose, None)
            self._connection.execute(_BEGIN_LIFE, row)
            self._lives.put(begins.uid, begins.created_position)
        if changes := trace.changes:
            gone_at = None if changes.gone_at is None else to_microseconds(changes.gone_at)
            whose = map(self._word, _columns(changes.attribution))
            values = (*whose, gone_at, self._word(changes.uid))
            self._connection.execute(_CHANGE_LIFE, values)

    def _write_use(self, trace: Trace) -> None:
        act, opens = trace.act, trace.opens
        at = to_microseconds(act.at)
        if trace.closes:
            self._connection.execute(_CLOSE, (at, self._life(act.uid)))
        if opens is not None:
            texts = (*_columns(opens), act.namespace)
            row = (act.position, self._life(act.uid), at, *map(self._word, texts))
            self._connection.execute(_OPEN, row)

    def _write_transitions(self, transitions: Sequence[Transition]) -> None:
        rows: list[tuple[int, ...]] = []
        net: dict[tuple[int, int], int] = {}
        for one in transitions:
            at = to_microseconds(one.at)
            former = NO_STATE if one.former is None else _STATE_NUMBERS[one.former]
            state = _STATE_NUMBERS[one.state]
            rows.append((one.position, at, self._life(one.uid), former, state))
            for each, change in ((former, -1), (state, 1)):
                place = (at // HOUR, each)
                net[place] = net.get(place, 0) + change
        self._connection.executemany("INSERT INTO transitions VALUES (?, ?, ?, ?, ?)", rows)
        self._connection.executemany(_NET, _rows_of(net))

    def _life(self, uid: str) -> int:
        known = self._lives.peek(uid)
        if known is None:
            found = self._connection.execute(
                "SELECT created_position FROM lives WHERE uid = ?", (self._word(uid),)
            ).fetchone()
            known = int(found[0]) if found else 0
            self._lives.put(uid, known)
        return known

    def _word(self, text: str) -> int:
        known = self._words.peek(text)
        if known is None:
            self._connection.execute("INSERT OR IGNORE INTO words (text) VALUES (?)", (text,))
            [known] = self._connection.execute(
                "SELECT id FROM words WHERE text = ?", (text,)
            ).fetchone()
            self._words.put(text, known)
        return known


def _done(cursor: sqlite3.Cursor, origin: str) -> int:
    """How far the records of this log go; 0 where they are of none or another."""
    row = cursor.execute("SELECT position, origin FROM checkpoint").fetchone()
    return int(row[0]) if row is not None and row[1] == origin else 0


def _resting_row(resting: Resting) -> tuple[object, ...]:
    view = resting.view
    document = LAB_DOCUMENT.encode(view.lab).decode()
    key = view.lab.key
    return key.namespace, key.name, resting.version, view.resource_version, document


def _columns(attribution: Attribution) -> tuple[str, str, str]:
    labels = json.dumps(dict(attribution.labels), sort_keys=True)
    return attribution.student, attribution.template, labels


def _rows_of(net: dict[tuple[int, int], int]) -> Iterable[tuple[int, int, int]]:
    return [(hour, state, change) for (hour, state), change in net.items() if state != NO_STATE]
