"""Runtimes that no event names, and the fuse: in doubt, nothing of them is touched."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.ports.provisioner import Runtime
from application.ports.unknown_labs import OperatorsWord, UnknownLab, UnknownLabs

log = logging.getLogger(__name__)

_FEWEST = 3
_SHARE = 0.2
_LONGEST_STEP = 60.0
"""A pause between two passes counts for no more: the service itself may not have run."""
_ROUNDS = 2
"""The round in which one is first seen ends, then a whole one passes over everything."""


def trips(unknown: int, *, of: int) -> bool:
    """Whether so many unknown ones speak against the log rather than against them."""
    return unknown >= _FEWEST and unknown > _SHARE * of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighting:
    runtime: Runtime
    since: float
    rounds: int
    lost: bool


class UnknownRuntimes:
    """What the passes of the reconciler have found to be unknown, and what may become of it.

    One is set aside when it was seen for `grace` seconds of this service's own time and all that
    runs here was looked at meanwhile, unless the fuse has tripped: too many are unknown, or one
    comes from an event that the log has lost. An operator's word goes before all that.
    """

    def __init__(self, operator: UnknownLabs, *, grace: float) -> None:
        self._operator = operator
        self._grace = grace
        self._seen: dict[str, _Sighting] = {}
        self._word = OperatorsWord()
        self._told: Sequence[UnknownLab] = ()
        self._here: frozenset[str] = frozenset()
        self._total = 0
        self._time = 0.0
        self._last: float | None = None
        self._rounds = 0
        self._unjudged: set[str] = set()
        self._tripped = False
        self._deaf = True

    def here(self, uids: Collection[str]) -> None:
        """All these are here, and the passes go round again. Others are forgotten."""
        self._here = frozenset(uids)
        self._seen = {uid: one for uid, one in self._seen.items() if uid in self._here}
        self._unjudged &= self._here
        if not self._unjudged:
            self._rounds += 1
            self._unjudged = set(uids)

    async def begin(self) -> None:
        """A pass begins."""
        now = asyncio.get_running_loop().time()
        self._time += 0 if self._last is None else min(now - self._last, _LONGEST_STEP)
        self._last = now
        await self._listen()
        self._total = len(self._here) - len(self._here.intersection(self._word.kept))

    def found(self, runtime: Runtime, *, lost: bool) -> None:
        """No event names this one. `lost`: it was started for an event that the log has lost."""
        self._unjudged.discard(runtime.uid)
        known = self._seen.get(runtime.uid)
        self._seen[runtime.uid] = _Sighting(
            runtime=runtime,
            since=self._time if known is None else known.since,
            rounds=self._rounds if known is None else known.rounds,
            lost=lost or (known is not None and known.lost),
        )

    def passed(self, uid: str) -> None:
        """This one is known to the log, or nothing can be said of it now."""
        self._unjudged.discard(uid)
        self._seen.pop(uid, None)

    async def end(self) -> None:
        """The pass has judged its batch: say what has changed."""
        self._mind_the_fuse()
        labs = [
            UnknownLab(lab=one.runtime.lab, uid=uid, kept=uid in self._word.kept)
            for uid, one in sorted(self._seen.items())
        ]
        try:
            if labs != self._told:
                await self._operator.tell(labs)
                self._told = labs
            for uid in [uid for uid in self._word.discarded if self._is_void(uid)]:
                await self._operator.carried_out(uid)
        except OSError as error:
            log.warning("unknown labs cannot be listed", extra={"error": str(error)})

    def gone(self, uid: str) -> None:
        """It was set aside; a word about it is struck out in the next pass."""
        self._seen.pop(uid, None)

    def may_be_set_aside(self, uid: str) -> bool:
        """Whether it may be ended now, and its files moved."""
        sighting = self._seen.get(uid)
        if sighting is None or self._deaf or uid in self._word.kept:
            return False
        if uid in self._word.discarded:
            return True
        seen_for, rounds = self._time - sighting.since, self._rounds - sighting.rounds
        return not self._tripped and seen_for >= self._grace and rounds >= _ROUNDS

    @property
    def count(self) -> int:
        """How many are unknown, and no operator has said what becomes of them."""
        return len(self._undecided())

    @property
    def alarm(self) -> str:
        """What an operator must decide, in words; empty when there is nothing."""
        if not self._tripped:
            return ""
        why = "the log is older than they are; " if self._any_lost() else ""
        return (
            f"labs unknown to the log: {self.count} of {self._total}; {why}nothing of them is "
            "touched: put the right log back, let them run with `labctl adopt`, or have them "
            "ended and set aside with `labctl discard`"
        )

    @property
    def notice(self) -> str:
        """What happens by itself, in words; empty when nothing does."""
        if self._tripped or not self.count:
            return ""
        return (
            f"labs unknown to the log: {self.count} of {self._total}; each is ended and set aside "
            f"{self._grace:g} s after it was first seen; `labctl adopt` lets them run"
        )

    def _mind_the_fuse(self) -> None:
        tripped = trips(self.count, of=self._total) or self._any_lost()
        if tripped == self._tripped:
            return
        self._tripped = tripped
        if tripped:
            log.warning(self.alarm)
        else:
            log.info("the labs that run are known to the log again, or were decided on")

    def _any_lost(self) -> bool:
        return any(self._seen[uid].lost for uid in self._undecided())

    def _undecided(self) -> Collection[str]:
        return self._seen.keys() - set(self._word.kept) - set(self._word.discarded)

    def _is_void(self, uid: str) -> bool:
        """Whether the word that it may go has become one about nothing unknown."""
        return uid not in self._seen and uid not in self._unjudged and self._rounds > 1

    async def _listen(self) -> None:
        try:
            self._word = await self._operator.word()
            self._deaf = False
        except OSError as error:
            self._deaf = True  # it may say that all of them stay
            log.warning("an operator's word cannot be read", extra={"error": str(error)})
