"""The safety net: every interval, finds what nobody works on and calls for the correction.
Sends commands and notifications only; never touches the world."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from application.control.drift import DriftSearch
from application.control.due_labs import DueLabs
from application.control.observer import ControlObserver
from application.control.pass_troubles import PassTroubles
from application.ports.outages import OUTAGES

log = logging.getLogger(__name__)


class Reconciler:
    """Makes a pass every `interval` seconds. What a pass costs follows what is due and the
    batch, not the number of labs."""

    def __init__(
        self,
        due: DueLabs,
        drift: DriftSearch,
        *,
        interval: float,
        observer: ControlObserver,
        troubles: PassTroubles,
    ) -> None:
        self._troubles = troubles
        self._due = due
        self._drift = drift
        self._interval = interval
        self._observer = observer

    async def run(self) -> None:
        """Make passes until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            await self.make_pass()

    async def make_pass(self) -> None:
        """One pass; each half is tried, whatever becomes of the other."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        await self._attempt("due", self._due.correct)
        await self._attempt("drift", self._drift.search)
        self._observer.pass_finished(clock() - begun)

    async def _attempt(self, half: str, work: Callable[[], Awaitable[None]]) -> None:
        part = f"the pass for what is {half}"
        try:
            await work()
        except OUTAGES as error:
            self._troubles.failed(part, error)
            log.warning(
                "half a reconciler pass was left out", extra={"half": half, "error": str(error)}
            )
        except Exception as bug:
            self._troubles.failed(part, bug, blocks=True)
            log.exception("half a reconciler pass failed", extra={"half": half})
        else:
            self._troubles.worked(part)
