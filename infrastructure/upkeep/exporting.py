"""`audit export`: events with all that proves them, in one file, for whoever has nothing else."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from application.event_log.labs import stream_of
from domain.lab_instance.key import LabKey
from domain.log_tree.checkpoint import LogCheckpoint, origin_by, read_checkpoint
from domain.log_tree.heads import Heads
from domain.log_tree.note import read_note
from domain.log_tree.proofs import inclusion, root_by_inclusion, root_of
from domain.log_tree.tree import TILE
from infrastructure.codec.instants import to_microseconds
from infrastructure.notary.audit_key import AuditKey
from infrastructure.sqlite.audit import BrokenLog
from infrastructure.sqlite.event_rows import STREAM_FORWARDS, EventRow, head_of, rows_of
from infrastructure.sqlite.judgement import open_unchanged
from infrastructure.sqlite.log_tree import leaf_of_row
from infrastructure.sqlite.signed_checkpoints import all_checkpoints
from infrastructure.sqlite.tree_nodes import TreeNodes
from infrastructure.sqlite.unusable import UnusableDatabase, described
from infrastructure.unusable import Unusable
from infrastructure.upkeep.selection import Selection

_COUNT = "SELECT count(*) FROM events"
_ENDS = "SELECT stream, max(version), substr(metadata, -66, 64) FROM events GROUP BY stream"
_SINCE = "SELECT min(position) FROM events WHERE recorded_at >= ?"
_CHUNK = 1000
Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """So many events are in the bundle, under this signed note."""

    events: int
    note: str


def export(
    path: Path, selection: Selection, key: AuditKey, target: Path, *, now: datetime
) -> Exported:
    """Write the bundle into the target, which must not exist, as the log is at one moment; the
    service may go on. Raises Unusable, and BrokenLog where the log is not what was signed."""
    if target.exists():
        raise Unusable(f"{str(target)!r} exists: name a file that does not")
    if not path.exists():
        raise UnusableDatabase(path, "there is no such file")
    try:
        with closing(open_unchanged(path)) as connection:
            connection.execute("BEGIN")
            bundle = _Bundle(connection, selection, key, now)
            _write(target, bundle.lines())
            return Exported(events=bundle.events, note=bundle.note)
    except sqlite3.Error as error:
        raise UnusableDatabase(path, described(error, path)) from error
    except ValueError as error:
        raise BrokenLog(f"the log cannot be proved ({error}): see labctl audit verify") from error


class _Bundle:
    def __init__(
        self, connection: sqlite3.Connection, selection: Selection, key: AuditKey, now: datetime
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._nodes = TreeNodes(connection)
        [self._size] = connection.execute(_COUNT).fetchone()
        if self._size == 0:
            raise Unusable("there are no events to export")
        self._root = root_of(self._size, self._nodes.node)
        ends = connection.execute(_ENDS)
        self._heads = Heads({name: (last, bytes.fromhex(hash_)) for name, last, hash_ in ends})
        origin = origin_by(self._nodes.node(0, 0))
        self._require_signed(origin)
        checkpoint = LogCheckpoint(
            origin=origin,
            size=self._size,
            root=self._root,
            position=head_of(connection),
            at=now,
            heads=(len(self._heads.each), self._heads.root),
        )
        self.note = key.sign(checkpoint)
        self._key = str(key.verifier(origin))
        self.events = 0

    def lines(self) -> Iterator[Line]:
        yield {
            "kind": "bundle",
            "format": 1,
            "note": self.note,
            "key": self._key,
            "about": self._selection.about,
        }
        if self._selection.since is not None:
            yield from self._since(to_microseconds(self._selection.since))
            return
        for number in self._chosen():
            head = self._heads.each[number]
            yield {
                "kind": "head",
                "index": number,
                "stream": head.stream,
                "versions": head.versions,
                "hash": head.hash.hex(),
                "path": _path(inclusion(number, len(self._heads.each), self._heads.node)),
            }
            if self._is_wanted(head.stream):
                yield from self._stream(head.stream)

    def _chosen(self) -> Sequence[int]:
        """The heads that are asked for, with the ones beside them, which prove that there are no
        others."""
        streams = [head.stream for head in self._heads.each]
        wanted = [number for number, one in enumerate(streams) if self._is_wanted(one)]
        if self._selection.lab and wanted:
            return wanted
        before = sum(one.encode() < self._prefix().encode() for one in streams)
        first, last = (wanted[0], wanted[-1] + 1) if wanted else (before, before)
        return range(max(0, first - 1), min(len(streams), last + 1))

    def _prefix(self) -> str:
        lab = self._selection.lab
        return stream_of(lab or LabKey(self._selection.namespace, ""))

    def _is_wanted(self, stream: str) -> bool:
        if self._selection.lab:
            return stream == self._prefix()
        return stream.startswith(self._prefix())

    def _stream(self, stream: str) -> Iterator[Line]:
        version = 1
        while rows := rows_of(self._connection, STREAM_FORWARDS, (stream, version, _CHUNK)):
            for row in rows:
                yield self._event(self._index_of(row), row)
            version = rows[-1][2] + 1

    def _since(self, since: int) -> Iterator[Line]:
        [position] = self._connection.execute(_SINCE, (since,)).fetchone()
        index = self._size if position is None else self._index_at(position)
        if index:
            tile, within = divmod(index - 1, TILE)
            row = self._nodes.events(tile)[within]
            place = {"index": index - 1, "position": row[0], "recordedAt": row[7]}
            path = self._proven(index - 1, row)
            yield {"kind": "before", **place, "hash": row[6][-66:-2], "path": path}
        while index < self._size:
            tile, within = divmod(index, TILE)
            for row in self._nodes.events(tile)[within:]:
                yield self._event(index, row)
                index += 1

    def _index_of(self, row: EventRow) -> int:
        return self._index_at(row[0])

    def _index_at(self, position: int) -> int:
        tile = self._nodes.tile_at(position)
        places = [row[0] for row in self._nodes.events(tile)]
        return tile * TILE + places.index(position)

    def _event(self, index: int, row: EventRow) -> Line:
        position, stream, version, id_, type_, data, metadata, at = row
        self.events += 1
        place = {"index": index, "position": position, "recordedAt": at}
        content = {"id": id_.hex(), "type": type_, "data": data, "metadata": metadata}
        path = self._proven(index, row)
        return {
            "kind": "event",
            **place,
            "stream": stream,
            "version": version,
            **content,
            "path": path,
        }

    def _proven(self, index: int, row: EventRow) -> Sequence[str]:
        path = inclusion(index, self._size, self._nodes.node)
        if root_by_inclusion(index, self._size, leaf_of_row(row), path) != self._root:
            raise ValueError(f"the event at position {row[0]} is not in its tree")
        return _path(path)

    def _require_signed(self, origin: str) -> None:
        """What goes out goes on from what was signed last."""
        for kept in reversed(all_checkpoints(self._connection)):
            last = read_checkpoint(read_note(kept.note).text)
            if last.origin != origin or last.size > self._size:
                raise ValueError("it is not the one that was signed")
            if root_of(last.size, self._nodes.node) != last.root:
                raise ValueError(f"its first {last.size} events are not those that were signed")
            return


def _write(target: Path, lines: Iterator[Line]) -> None:
    """Each line ends with a sum over itself and the sum before: a changed one is named."""
    total, count = "", 0
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as file:
            for line in lines:
                total = _put(file, line, total)
                count += 1
            _put(file, {"kind": "end", "lines": count}, total)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _put(file: BinaryIO, line: Line, before: str) -> str:
    body = json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    total = sha256(before.encode() + body).hexdigest()[:32]
    file.write(body + f',"sum":"{total}"}}\n'.encode())
    return total


def _path(hashes: Sequence[bytes]) -> Sequence[str]:
    return [b64encode(hash_).decode() for hash_ in hashes]
