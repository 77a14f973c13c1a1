"""Signed checkpoints held against the tree as it grows again, from wherever they were kept."""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.log_tree.checkpoint import LogCheckpoint, read_checkpoint
from domain.log_tree.heads import Heads
from domain.log_tree.note import NoNote
from domain.log_tree.tree import GrowingTree
from infrastructure.auditing.findings import Findings
from infrastructure.notary.audit_key import checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where notes come from. `own`: from the log's own data directory, where a loss that a
    person accepted explains what is not there any more."""

    name: str
    notes: Sequence[str]
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The log was accepted as it stood, at `begun_at`, and goes on at `first_position`."""

    number: int
    first_position: int
    begun_at: datetime
    reason: str


class Vouched:
    """The checkpoints in the order of their sizes. `last`: the largest that holds, so far."""

    def __init__(
        self, findings: Findings, keys: frozenset[bytes], epochs: Sequence[Epoch]
    ) -> None:
        self._findings = findings
        self._keys = keys
        self._epochs = epochs
        self._waiting: list[tuple[int, int, LogCheckpoint, Source]] = []
        self._given_up = 0
        self._found = 0
        self._held: dict[str, int] = {}
        self.last: LogCheckpoint | None = None
        self.next_size = 0

    def expect(self, sources: Iterable[Source], origin: str, *, after: int) -> None:
        """All of these, of the log of that name, that are larger than `after`."""
        seen: dict[str, str] = {}
        for source in sources:
            for written in source.notes:
                if written not in seen:
                    seen[written] = source.name
                    self._expect(written, source, origin, after)
        self._advance()

    def _expect(self, written: str, source: Source, origin: str, after: int) -> None:
        try:
            note, is_signed = checked(written, self._keys, origin)
            checkpoint = read_checkpoint(note.text)
        except NoNote as error:
            self._findings.add(f"a checkpoint in {source.name} is none: {error}")
            return
        if checkpoint.origin != origin:
            self._findings.add(
                f"a checkpoint in {source.name} is of another log: {checkpoint.origin:.100}, and "
                f"this one is {origin}"
            )
        elif not is_signed:
            self._findings.add(
                f"the checkpoint of {checkpoint.size} events in {source.name} is not signed by a "
                "key that is trusted here"
            )
        elif checkpoint.size > after:
            insort(
                self._waiting,
                (checkpoint.size, len(self._waiting), checkpoint, source),
                key=lambda one: one[:2],
            )

    def hold(self, tree: GrowingTree, tips: Mapping[str, tuple[int, str]]) -> None:
        """The tree has come to the size of the next one."""
        heads: Heads | None = None
        while self._waiting and self._waiting[0][0] == tree.size:
            _, _, checkpoint, source = self._waiting.pop(0)
            if checkpoint.root != tree.root:
                self._refuse(checkpoint, source, "is not of this history")
                continue
            if checkpoint.heads:
                heads = heads or heads_of(tips)
                if (len(heads.each), heads.root) != checkpoint.heads:
                    self._findings.add(
                        f"the heads in the checkpoint of {checkpoint.size} events in "
                        f"{source.name} are not those of the streams"
                    )
            self.last = checkpoint
            self._held[source.name] = checkpoint.size
            self._found = checkpoint.size if checkpoint.found else self._found
        self._advance()

    def end(self, size: int) -> None:
        """The log has no more than these events."""
        for _, _, checkpoint, source in self._waiting:
            self._refuse(checkpoint, source, f"speaks of more than the {size} that are here")
        vouched = self.last.size if self.last else 0
        if self._given_up:
            self._findings.notice(
                f"{self._given_up} checkpoints are of what was given up in an accepted loss"
            )
        if self._found:
            self._findings.notice(f"the first {self._found} events are vouched for as found")
        if vouched < size:
            self._findings.notice(
                f"{size - vouched} events are covered by no signed checkpoint yet"
            )

    def _advance(self) -> None:
        self.next_size = self._waiting[0][0] if self._waiting else 0

    def _refuse(self, checkpoint: LogCheckpoint, source: Source, reason: str) -> None:
        if source.own and any(self._explains(epoch, checkpoint) for epoch in self._epochs):
            self._given_up += 1
            return
        held = self._held.get(source.name)
        between = f"after the first {held} events" if held else "from the first event on"
        self._findings.add(
            f"the checkpoint of {checkpoint.size} events (position {checkpoint.position}, "
            f"{checkpoint.at.isoformat()}) in {source.name} {reason}: something differs {between}"
        )

    def _explains(self, epoch: Epoch, checkpoint: LogCheckpoint) -> bool:
        return (
            epoch.begun_at >= checkpoint.at
            and epoch.number > 0
            and checkpoint.position < epoch.first_position
        )


def heads_of(tips: Mapping[str, tuple[int, str]]) -> Heads:
    """The tree over where the streams end."""
    return Heads({stream: (end[0], bytes.fromhex(end[1])) for stream, end in tips.items()})
