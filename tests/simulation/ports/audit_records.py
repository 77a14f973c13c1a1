"""The port of the audit's records of one process, over the network."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from application.ports.audit_records import (
    Act,
    ActFilter,
    AuditRecords,
    Counts,
    Life,
    LifeFilter,
    Reading,
    Resting,
    Trace,
    Transition,
    Usage,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from domain.lab_instance.key import LabKey
from tests.simulation.ports.stores import Views
from tests.simulation.world.network import Network


class SimulatedAuditRecords(Views):
    """The AuditRecords port."""

    def __init__(self, inner: AuditRecords, network: Network) -> None:
        super().__init__(network)
        self._inner = inner

    async def checkpoint(self) -> Checkpoint | None:
        return await self._ask(self._inner.checkpoint)

    async def record(self, traces: Sequence[Trace], *, checkpoint: Checkpoint) -> None:
        await self._ask(lambda: self._inner.record(traces, checkpoint=checkpoint))

    async def clear(self) -> None:
        await self._ask(self._inner.clear)

    async def acts(self, wanted: ActFilter, reading: Reading) -> Sequence[Act]:
        return await self._ask(lambda: self._inner.acts(wanted, reading))

    async def lives(self, wanted: LifeFilter, reading: Reading) -> Sequence[Life]:
        return await self._ask(lambda: self._inner.lives(wanted, reading))

    async def usage(self, question: UsageQuestion) -> Sequence[Usage]:
        return await self._ask(lambda: self._inner.usage(question))

    async def counts(self, since: datetime, step: timedelta, number: int) -> Sequence[Counts]:
        return await self._ask(lambda: self._inner.counts(since, step, number))

    async def resting_at(self, key: LabKey, *, version: int) -> Resting | None:
        return await self._ask(lambda: self._inner.resting_at(key, version=version))

    async def journal(self, *, after: int, upto: int, limit: int) -> Sequence[Transition]:
        return await self._ask(lambda: self._inner.journal(after=after, upto=upto, limit=limit))
