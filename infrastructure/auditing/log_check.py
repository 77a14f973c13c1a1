"""Every event of a log, in its order: its chain, its content, its place, its life; and the tree
over all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from struct import error as misfit

import msgspec

from domain.log_tree.tree import NO_LEAF, GrowingTree, event_leaf
from infrastructure.auditing.findings import Findings, Place
from infrastructure.auditing.lives import Lives
from infrastructure.codec.event_codec import Undecodable, examined

Row = tuple[int, str, int, bytes, str, str, str, int]
"""Position, stream, version, id, type, data, metadata, microseconds since 1970."""

_LENGTH = Struct(">Q").pack
_ID_LENGTH = _LENGTH(16)
_METADATA = msgspec.json.Decoder(dict[str, str])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE = (msgspec.MsgspecError, TypeError, ValueError, AttributeError, OverflowError, misfit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where the look begins: at the start of the log, or after what is trusted already."""

    tree: GrowingTree
    position: int
    recorded_at: int


class LogCheck:
    """Takes the events one by one and goes on after each find. `tips`: where each stream has
    got to, its version and hash. `gap`: whether a gap between two positions is right; `ordered`:
    whether times may never fall, as in a file, or as a server's clock goes."""

    def __init__(
        self,
        findings: Findings,
        start: Start,
        *,
        gap: Callable[[int, int], bool],
        ordered: bool,
    ) -> None:
        self.tree = start.tree
        self.position = start.position
        self.recorded_at = start.recorded_at
        self.events = 0
        self.tips: dict[str, tuple[int, str]] = {}
        self.lives = Lives()
        self._whole = start.tree.size == 0
        self._findings = findings
        self._gap = gap
        self._ordered = ordered

    def add(self, row: Row) -> None:
        """The next event."""
        self.events += 1
        size = self.tree.size
        try:
            self._check(row)
        except _UNREADABLE as damage:
            self._found(row, f"its row is damaged ({type(damage).__name__})")
            if self.tree.size == size:  # it has no leaf, and those after it keep their places
                self.tree.extend([NO_LEAF])
        if isinstance(row[0], int):
            self.position = max(self.position, row[0])

    def _check(self, row: Row) -> None:
        position, stream, version, _, _, _, metadata, at = row
        hash_ = metadata[-66:-2]
        before = self.tips.get(stream)
        leaf = event_leaf(position, at, bytes.fromhex(hash_))
        self.tips[stream] = (version, hash_)
        self.tree.extend((leaf,))
        previous = self._previous(row, before)
        if self._digest(row, previous) != hash_:
            self._found(row, "it is not what was written")
        if position != self.position + 1 and not self._gap(self.position, position):
            self._found(row, f"nothing stands between position {self.position} and this one")
        if at < self.recorded_at and self._ordered:
            self._found(row, "it is older than the one before")
        self.recorded_at = at  # a leap is told once, and not of all that follow
        self._check_content(row, first=self._whole and before is None)

    def _previous(self, row: Row, before: tuple[int, str] | None) -> str:
        """The hash that it must follow: after a break, the one that it says it follows."""
        version = row[2]
        if before is None and version == 1:
            return ""
        if before is not None and version == before[0] + 1:
            return before[1]
        if before is not None or self._whole:
            expected = before[0] + 1 if before else 1
            self._found(row, f"version {expected} of its stream is expected here")
        return _METADATA.decode(row[6]).get("previousHash", "")

    def _check_content(self, row: Row, *, first: bool) -> None:
        try:
            _METADATA.decode(row[6])
            content = examined(row[4], row[5])
        except (Undecodable, msgspec.MsgspecError) as error:
            self._found(row, f"it cannot be decoded: {error}")
            content = None
        if fault := self.lives.fault(row[1], row[4], content, first=first):
            self._found(row, fault)

    @staticmethod
    def _digest(row: Row, previous: str) -> str:
        """As `seal` has it, in one piece."""
        _, stream, _, id_, type_, data, metadata, _ = row
        earlier, name = previous.encode(), stream.encode()
        kind, held = type_.encode(), data.encode()
        bare = metadata[:-75].encode() + b"}"
        if len(id_) != 16 or metadata[-75:-66] != ',"hash":"' or metadata[-2:] != '"}':
            return ""
        parts = (
            _LENGTH(len(earlier)),
            earlier,
            _LENGTH(len(name)),
            name,
            _ID_LENGTH,
            id_,
            _LENGTH(len(kind)),
            kind,
            _LENGTH(len(held)),
            held,
            _LENGTH(len(bare)),
            bare,
        )
        return sha256(b"".join(parts)).hexdigest()

    def _found(self, row: Row, reason: str) -> None:
        self._findings.add(reason, place_of(row))


def place_of(row: Row) -> Place:
    """Where an event stands, whatever its row holds."""
    try:
        time = (_EPOCH + timedelta(microseconds=row[7])).isoformat().replace("+00:00", "Z")
    except (TypeError, OverflowError):
        time = "at no time"
    return Place(position=row[0], stream=row[1], version=row[2], type=row[4], time=time)
