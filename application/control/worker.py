"""Takes keys from the queue and has the controller look at them, several at a time. All
outcomes of a look are handled in one place, `run_once`."""

import asyncio
import logging

from application.control.controller import Controller, LookAgainAt
from application.control.observer import ControlObserver, TurnOutcome
from application.control.pass_troubles import PassTroubles
from application.control.work_queue import QueueClosed, WorkQueue
from application.ports.clock import Clock
from application.ports.event_store import StreamConflict
from application.ports.outages import OUTAGES
from application.structures.turnstile import Turnstile
from domain.errors import DomainError
from domain.lab_instance.key import LabKey

log = logging.getLogger(__name__)

_ABREAST = 4
"""Looks begun in one turn of the loop: a look that waits for nothing takes its whole time from
everybody else, and at the start of a service every lab is looked at."""

_ROUNDED_UP = 0.001
"""Looking a moment late sees what was waited for; a moment early would look twice."""


class Worker:
    """Runs one controller over one queue with `parallelism` looks at a time."""

    def __init__(
        self,
        queue: WorkQueue,
        controller: Controller,
        *,
        parallelism: int,
        clock: Clock,
        observer: ControlObserver,
        troubles: PassTroubles | None = None,
    ) -> None:
        self._troubles = PassTroubles() if troubles is None else troubles
        self._queue = queue
        self._controller = controller
        self._parallelism = parallelism
        self._clock = clock
        self._observer = observer
        self._turns = Turnstile(abreast=_ABREAST)

    async def run(self) -> None:
        """Work until the queue is closed; what is being worked on then is finished."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._parallelism):
                group.create_task(self._work())

    async def run_once(self, key: LabKey) -> TurnOutcome:
        """One look at one lab. Its key is out of the queue's hands before and after."""
        try:
            look_again = await self._controller.reconcile(key)
        except DomainError as refusal:
            return self._retry(key, TurnOutcome.REFUSED, refusal)
        except StreamConflict:
            self._queue.add(key)  # somebody else wrote, so the next look sees news
            return TurnOutcome.LOST_RACE
        except OUTAGES as trouble:
            return self._retry(key, TurnOutcome.WORLD_FAILED, trouble)
        except Exception as bug:
            self._troubles.failed(_part(key), bug)
            delay = self._queue.retry(key)
            log.exception("will retry", extra={"lab": str(key), "delay": delay})
            return TurnOutcome.BUG
        self._queue.forget(key)
        self._troubles.worked(_part(key))
        if look_again is None:
            return TurnOutcome.DONE
        self._queue.add(key, delay=self._seconds_until(look_again))
        return TurnOutcome.LOOK_AGAIN

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            try:
                key = await self._queue.get()
            except QueueClosed:
                return
            try:
                await self._turns.pass_through()
                begun = clock()
                outcome = await self.run_once(key)
                self._observer.reconciled(key, outcome, clock() - begun)
            finally:
                self._queue.done(key)

    def _retry(self, key: LabKey, outcome: TurnOutcome, trouble: Exception) -> TurnOutcome:
        self._troubles.failed(_part(key), trouble)
        delay = self._queue.retry(key)
        log.warning(
            "could not bring a lab further and will retry",
            extra={
                "lab": str(key),
                "outcome": outcome.value,
                "delay": delay,
                "error": str(trouble),
            },
        )
        return outcome

    def _seconds_until(self, look_again: LookAgainAt) -> float:
        left = (look_again.at - self._clock.now()).total_seconds()
        return left + _ROUNDED_UP if left > 0 else 0.0


def _part(key: LabKey) -> str:
    return f"the work on {key}" if key.name else "the removal of nameless orphans"
