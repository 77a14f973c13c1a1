"""The reconciler's first half: labs whose time has come and with which nothing happened."""

import asyncio
import logging
from dataclasses import dataclass

from application.control.backoff import Backoff
from application.control.corrections import Corrections
from application.control.own_views import OwnViews
from application.control.permits import Permits
from application.control.policy_now import PolicyNow
from application.control.provisioner_gate import ProvisionerGate
from application.ports.outages import OUTAGES
from application.ports.views import LabInstanceView
from domain.lab_instance.control_commands import TimeOutProvisioning
from domain.lab_instance.key import LabKey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimits:
    """At most `batch` corrections in a pass; a lab whose correction fails rests for `rest`."""

    batch: int
    rest: Backoff


class DueLabs:
    """Sends what the policy says about overdue labs, a bounded number in a pass.

    Labs that wait for a permit are being looked after and left alone. A lab whose correction
    failed rests, and then waits for those that have not failed.
    """

    def __init__(
        self,
        views: OwnViews,
        gate: ProvisionerGate,
        permits: Permits,
        *,
        corrections: Corrections,
        policy_now: PolicyNow,
        limits: PassLimits,
    ) -> None:
        self._views = views
        self._gate = gate
        self._permits = permits
        self._corrections = corrections
        self._policy_now = policy_now
        self._limits = limits
        self._resting: dict[LabKey, tuple[int, float]] = {}

    async def correct(self) -> None:
        """One pass. Raises only what the read model raises."""
        batch = self._limits.batch
        limit = batch + len(self._resting) + self._permits.waiting
        views = await self._views.due(self._policy_now.clock.now(), limit=limit)
        due = {view.lab.key for view in views}
        self._resting = {key: rest for key, rest in self._resting.items() if key in due}
        chosen = [view for view in views if self._wants_correction(view.lab.key)]
        chosen.sort(key=lambda view: view.lab.key in self._resting)  # failures come last
        for view in chosen[:batch]:
            await self._try_to_correct(view)

    def _wants_correction(self, key: LabKey) -> bool:
        if self._permits.waits(key):
            return False
        _, until = self._resting.get(key, (0, 0.0))
        return asyncio.get_running_loop().time() >= until

    async def _try_to_correct(self, view: LabInstanceView) -> None:
        key = view.lab.key
        try:
            await self._correct(view)
        except OUTAGES as trouble:
            self._rest(key, trouble)
            log.warning(
                "a due lab could not be corrected",
                extra={"lab": str(key), "error": str(trouble)},
            )
        except Exception as bug:
            self._rest(key, bug)
            log.exception("a due lab could not be corrected", extra={"lab": str(key)})
        else:
            self._resting.pop(key, None)
            self._corrections.troubles.worked(_part(key))

    def _rest(self, key: LabKey, trouble: Exception) -> None:
        self._corrections.troubles.failed(_part(key), trouble)
        failures = self._resting.get(key, (0, 0.0))[0] + 1
        delay = self._limits.rest.delay(failures, self._policy_now.randomness.fraction())
        self._resting[key] = (failures, asyncio.get_running_loop().time() + delay)

    async def _correct(self, view: LabInstanceView) -> None:
        command = self._policy_now.corrective(view.lab)
        if command is None:
            return
        if isinstance(command, TimeOutProvisioning) and not self._gate.in_service:
            # it is late because of the outage, so its controller postpones it instead
            await self._corrections.wake(view)
            return
        await self._corrections.send(view, command)


def _part(key: LabKey) -> str:
    return f"the correction of {key}"
