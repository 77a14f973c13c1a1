"""The reconciler's second half: what runs against what should, a bounded batch at a time."""

import logging
from collections.abc import Awaitable, Sequence

from application.control.corrections import Corrections
from application.control.orphan_search import OrphanSearch
from application.control.own_views import OwnViews
from application.control.policy_now import PolicyNow
from application.control.provisioner_gate import BreakerOpen, ProvisionerGate
from application.ports.outages import OUTAGES
from application.ports.provisioner import Runtime
from application.ports.views import LabInstanceView
from application.replicas.own_labs import NotOurs
from application.structures.pieces import in_pieces
from domain.lab_instance.control_commands import ReportDrift
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Observation
from domain.lab_instance.status import LabState
from domain.lab_instance.steps import Send, Step, StopRuntime

log = logging.getLogger(__name__)

_AT_ONCE = 500


class DriftSearch:
    """Compares `batch` runtimes with their labs, and `batch` labs with their runtimes, in
    each pass, and goes round: what a pass costs follows the batch. A round begins with the list
    of all that is here, and of these the passes ask for their batch alone.

    The list and the views are of different moments, so what looks wrong is looked at afresh
    before anything is said about it. A list that fails is a failure, never an empty list.
    """

    def __init__(
        self,
        views: OwnViews,
        orphans: OrphanSearch,
        gate: ProvisionerGate,
        *,
        corrections: Corrections,
        policy_now: PolicyNow,
        batch: int,
    ) -> None:
        self._views = views.all
        self._orphans = orphans
        self._gate = gate
        self._corrections = corrections
        self._policy_now = policy_now
        self._own = views.own
        self._batch = batch
        self._here: set[str] = set()
        self._to_come: Sequence[str] = ()
        self._last_key: LabKey | None = None

    async def search(self) -> None:
        """One pass. Raises what the provisioner's list and the read model raise."""
        runtimes = await (self._next_batch() if self._to_come else self._first_batch())
        await self._orphans.begin()
        await self._examine_runtimes(runtimes)
        await self._examine_labs()

    async def _first_batch(self) -> Sequence[Runtime]:
        listed = await self._gate.list()
        mine: dict[str, Runtime] = {}
        async for runtime in in_pieces(listed, size=_AT_ONCE):
            if self._own.in_reach_of_us_alone(runtime.uid):
                mine[runtime.uid] = runtime
        new_ones_first = sorted(mine, key=self._here.__contains__)  # they came amid a round
        self._here = set(mine)
        self._orphans.here(self._here)
        chosen, self._to_come = self._divided(new_ones_first)
        return [mine[uid] for uid in chosen]

    async def _next_batch(self) -> Sequence[Runtime]:
        """As they are now: some may have gone since the round began, or left our reach."""
        # For speed, decision 34.
        chosen, left = self._divided(self._to_come)
        listed = await self._gate.list_only(chosen)
        self._to_come = left
        mine = [runtime for runtime in listed if self._own.in_reach_of_us_alone(runtime.uid)]
        gone = set(chosen).difference(runtime.uid for runtime in mine)
        self._here -= gone
        self._orphans.gone(gone)
        return mine

    def _divided(self, uids: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        return uids[: self._batch], uids[self._batch :]

    async def _examine_runtimes(self, runtimes: Sequence[Runtime]) -> None:
        owners = await self._views.owned([runtime.uid for runtime in runtimes])
        for runtime in runtimes:
            view = owners.get(runtime.uid)
            if view is not None and self._own.ours(runtime.uid):
                await self._guarded(runtime.lab, self._examine(view, runtime.observation))
            elif view is not None and self._own.lost(runtime.uid) and _is_there(runtime):
                await self._corrections.report_orphan(runtime)
        await self._orphans.examine(runtimes, owners)

    async def _examine_labs(self) -> None:
        page = await self._views.unsettled(after=self._last_key, limit=self._batch)
        self._last_key = page.views[-1].lab.key if page.more and page.views else None
        for view in page.views:
            missing = view.lab.state is LabState.READY and view.lab.uid not in self._here
            if missing and self._own.ours(view.lab.uid):
                await self._guarded(view.lab.key, self._confirm(view))

    async def _guarded(self, key: LabKey, examination: Awaitable[None]) -> None:
        try:
            await examination
        except (BreakerOpen, NotOurs):
            log.debug("drift is not looked for", extra={"lab": str(key)})
        except OUTAGES as trouble:
            self._corrections.troubles.failed(_part(key), trouble)
            log.warning(
                "a lab could not be checked for drift",
                extra={"lab": str(key), "error": str(trouble)},
            )
        except Exception as bug:
            self._corrections.troubles.failed(_part(key), bug)
            log.exception("a lab could not be checked for drift", extra={"lab": str(key)})
        else:
            self._corrections.troubles.worked(_part(key))

    async def _examine(self, view: LabInstanceView, observed: Observation) -> None:
        step = self._policy_now.next_step(view.lab, observed)
        if _is_drift(step):
            await self._confirm(view)
        elif isinstance(step, StopRuntime) and view.lab.state is LabState.FAILED:
            await self._corrections.wake(view)

    async def _confirm(self, view: LabInstanceView) -> None:
        step = self._policy_now.next_step(view.lab, await self._gate.observe(view.lab.uid))
        if not isinstance(step, Send) or not _is_drift(step):
            return
        await self._corrections.send(view, step.command)


def _part(key: LabKey) -> str:
    return f"the look for drift of {key}"


def _is_there(runtime: Runtime) -> bool:
    return not isinstance(runtime.observation, Absent)


def _is_drift(step: Step) -> bool:
    return isinstance(step, Send) and isinstance(step.command, ReportDrift)
