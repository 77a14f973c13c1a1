"""The audit's records in memory, for tests and simulations."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from application.ports.audit_records import (
    Act,
    ActFilter,
    Attribution,
    Counts,
    Life,
    LifeFilter,
    Reading,
    Resting,
    Trace,
    Transition,
    Usage,
    UsageBy,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from domain.lab_instance.key import LabKey

T = TypeVar("T")


@dataclass(slots=True)
class _Use:
    life: Life
    counted: Attribution
    since: datetime
    until: datetime | None = None


class MemoryAuditRecords:
    """The AuditRecords contract. `cleared`: how often everything was forgotten."""

    def __init__(self) -> None:
        self.cleared = 0
        self._begin()

    def _begin(self) -> None:
        self._checkpoint: Checkpoint | None = None
        self._acts: list[Act] = []
        self._lives: dict[str, Life] = {}
        self._transitions: list[Transition] = []
        self._uses: list[_Use] = []
        self._resting: list[Resting] = []

    async def checkpoint(self) -> Checkpoint | None:
        return self._checkpoint

    async def record(self, traces: Sequence[Trace], *, checkpoint: Checkpoint) -> None:
        before = self._checkpoint
        same = before is not None and before.origin == checkpoint.origin
        done = before.position if before is not None and same else 0
        if checkpoint.position <= done:
            return
        for trace in traces:
            if trace.act.position > done:
                self._write(trace)
        self._checkpoint = checkpoint

    async def clear(self) -> None:
        self.cleared += 1
        self._begin()

    async def acts(self, wanted: ActFilter, reading: Reading) -> Sequence[Act]:
        found = [act for act in self._acts if _is_wanted(act, wanted)]
        return _read(found, reading, lambda act: act.position)

    async def lives(self, wanted: LifeFilter, reading: Reading) -> Sequence[Life]:
        found = [life for life in self._lives.values() if _belongs(life, wanted)]
        return _read(found, reading, lambda life: life.created_position)

    async def usage(self, question: UsageQuestion) -> Sequence[Usage]:
        ready: Counter[str | None] = Counter()
        labs: dict[str | None, set[str]] = {}
        for use in self._uses:
            begin = max(use.since, question.since)
            end = min(use.until or question.until, question.until)
            if begin >= end or question.namespace not in (None, use.life.namespace):
                continue
            whose = _whose(use, question)
            ready[whose] += (end - begin) // timedelta(microseconds=1)
            labs.setdefault(whose, set()).add(use.life.uid)
        return [
            Usage(of=whose, ready=timedelta(microseconds=total), labs=len(labs[whose]))
            for whose, total in ready.most_common()
        ]

    async def counts(self, since: datetime, step: timedelta, number: int) -> Sequence[Counts]:
        return [self._counts_at(since + place * step) for place in range(number)]

    async def journal(self, *, after: int, upto: int, limit: int) -> Sequence[Transition]:
        reading = Reading(after=after, before=upto + 1, newest_first=False, limit=limit)
        return _read(self._transitions, reading, lambda one: one.position)

    async def resting_at(self, key: LabKey, *, version: int) -> Resting | None:
        found = [
            each for each in self._resting if each.view.lab.key == key and each.version <= version
        ]
        return max(found, key=lambda each: each.version, default=None)

    def _counts_at(self, moment: datetime) -> Counts:
        states = {one.uid: one.state for one in self._transitions if one.at < moment}
        return Counts(at=moment, states=Counter(states.values()))

    def _write(self, trace: Trace) -> None:
        act = trace.act
        self._acts.append(act)
        if trace.begins is not None:
            self._lives[act.uid] = trace.begins
        if changes := trace.changes:
            life = self._lives[act.uid]
            self._lives[act.uid] = replace(
                life, attribution=changes.attribution, gone_at=changes.gone_at
            )
        if trace.resting is not None:
            self._resting.append(trace.resting)
        if trace.transition is not None:
            self._transitions.append(trace.transition)
        if trace.closes:
            for use in self._uses:
                if use.life.uid == act.uid and use.until is None:
                    use.until = act.at
        if trace.opens is not None:
            self._uses.append(_Use(self._lives[act.uid], trace.opens, act.at))


def _read(found: Iterable[T], reading: Reading, place: Callable[[T], int]) -> Sequence[T]:
    inside = [
        each
        for each in found
        if reading.after < place(each) and (reading.before is None or place(each) < reading.before)
    ]
    return sorted(inside, key=place, reverse=reading.newest_first)[: reading.limit]


def _is_wanted(act: Act, wanted: ActFilter) -> bool:
    texts = (
        (wanted.actor, act.actor),
        (wanted.on_behalf_of, act.on_behalf_of),
        (wanted.resource, act.resource),
        (wanted.namespace, act.namespace),
        (wanted.name, act.name),
        (wanted.uid, act.uid),
    )
    return (
        all(text in (None, said) for text, said in texts)
        and (not wanted.verbs or act.verb in wanted.verbs)
        and (not wanted.types or act.type in wanted.types)
        and (wanted.since is None or act.at >= wanted.since)
        and (wanted.until is None or act.at < wanted.until)
    )


def _belongs(life: Life, wanted: LifeFilter) -> bool:
    texts = (
        (wanted.namespace, life.namespace),
        (wanted.name, life.name),
        (wanted.uid, life.uid),
        (wanted.student, life.attribution.student),
        (wanted.template, life.attribution.template),
    )
    return (
        all(text in (None, said) for text, said in texts)
        and wanted.alive in (None, life.gone_at is None)
        and (wanted.since is None or life.gone_at is None or life.gone_at > wanted.since)
        and (wanted.until is None or life.created_at < wanted.until)
    )


def _whose(use: _Use, question: UsageQuestion) -> str | None:
    match question.by:
        case UsageBy.STUDENT:
            return use.counted.student
        case UsageBy.TEMPLATE:
            return use.counted.template
        case UsageBy.NAMESPACE:
            return use.life.namespace
        case UsageBy.LAB:
            return f"{use.life.namespace}/{use.life.name}"
        case UsageBy.LABEL:
            return use.counted.labels.get(question.label)
        case _:
            assert_never(question.by)
