"""Runtimes without a view: whose they are is the log's to say, and three answers lead apart."""

import logging
from collections.abc import Collection, Sequence
from typing import assert_never

from application.control.corrections import Corrections
from application.control.ownership import Ownership, ownership_of
from application.control.provisioner_gate import ProvisionerGate
from application.control.unknown_runtimes import UnknownRuntimes
from application.ports.event_store import EventStore
from application.ports.provisioner import Runtime

log = logging.getLogger(__name__)


class OrphanSearch:
    """Reports what is left of labs that have ended, and what is unknown when its time has come.

    For each round: `here` with all that runs. For each pass: `begin`, then `examine` with the
    batch in hand.
    """

    def __init__(
        self,
        store: EventStore,
        gate: ProvisionerGate,
        unknown: UnknownRuntimes,
        corrections: Corrections,
    ) -> None:
        self._store = store
        self._gate = gate
        self._unknown = unknown
        self._corrections = corrections

    def here(self, uids: Collection[str]) -> None:
        """A round begins, and these are here."""
        self._unknown.here(uids)

    def gone(self, uids: Collection[str]) -> None:
        """These are not here any more."""
        for uid in uids:
            self._unknown.passed(uid)

    async def begin(self) -> None:
        """A pass begins."""
        await self._unknown.begin()

    async def examine(self, batch: Sequence[Runtime], owners: Collection[str]) -> None:
        """Judge the batch, of which these uids have a view. Raises what the provisioner's list
        and the store's head raise."""
        left_over: list[Runtime] = []
        unknown: list[Runtime] = []
        for runtime in batch:
            match None if runtime.uid in owners else await self._ownership(runtime):
                case None | Ownership.OWNED:
                    self._unknown.passed(runtime.uid)
                case Ownership.ENDED:
                    self._unknown.passed(runtime.uid)
                    left_over.append(runtime)
                case Ownership.UNKNOWN:
                    unknown.append(runtime)
                case other:
                    assert_never(other)
        for runtime in unknown:
            self._unknown.found(runtime, lost=await self._is_lost(runtime.position))
        await self._unknown.end()
        await self._report(left_over)
        for runtime in unknown:
            if self._unknown.may_be_set_aside(runtime.uid):
                await self._corrections.report_orphan(runtime)

    async def _is_lost(self, position: int) -> bool:
        """Whether the log has left the time line in which the position was given, or has not come
        so far: a log that was set back goes on elsewhere."""
        if position == 0:
            return False
        return position > await self._store.head() or await self._store.is_lost(position)

    async def _report(self, left_over: Sequence[Runtime]) -> None:
        if not left_over:
            return
        # a lab just deleted was listed before and is not any more: only those that stay count
        still_there = {runtime.uid for runtime in await self._gate.list()}
        for runtime in left_over:
            if runtime.uid in still_there:
                await self._corrections.report_orphan(runtime)

    async def _ownership(self, runtime: Runtime) -> Ownership | None:
        """None when it cannot be told: whoever may be owned is left alone."""
        try:
            return await ownership_of(self._store, runtime.lab, runtime.uid)
        except Exception:
            log.exception("an owner cannot be looked up", extra={"lab": str(runtime.lab)})
            return None
