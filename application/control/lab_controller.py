"""The controller behind the queue: reads a lab afresh and hands it, step by step, to the
controller that owns its state."""

from collections.abc import Awaitable, Callable, Mapping

from application.control.controller import LookAgainAt, Reload, StateController
from application.control.orphans import Orphans
from application.control.permits import Permits
from application.event_log.loading import Loaded
from application.ports.clock import Clock
from application.ports.views import LabInstanceView
from application.replicas.own_labs import NotOurs, OwnLabs
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState

_MOST_STEPS = 8

LoadLab = Callable[[LabKey], Awaitable[Loaded[LabInstanceView]]]
"""Reads a lab as the log has it now. Raises what the store raises."""


class LabController:
    """Implements Controller for labs in any state, as far as they are this replica's.

    One queue and one reader for all states: so no two controllers ever work on one lab at
    the same time, even while it changes hands.
    """

    def __init__(
        self,
        load: LoadLab,
        clock: Clock,
        *,
        by_state: Mapping[LabState, StateController],
        permits: Permits,
        orphans: Orphans,
        own: OwnLabs,
    ) -> None:
        self._load = load
        self._clock = clock
        self._by_state = by_state
        self._permits = permits
        self._orphans = orphans
        self._own = own

    async def reconcile(self, key: LabKey) -> LookAgainAt | None:
        """Take steps until nothing immediate is left, or until it is the others' turn."""
        try:
            try:
                look_again = await self._take_steps(key)
            except NotOurs:
                self._permits.release(key)
                look_again = None
            await self._orphans.end(key)
        except Exception:
            self._permits.give_back(key)  # a lab that cannot begin holds nobody else back
            raise
        return look_again

    async def _take_steps(self, key: LabKey) -> LookAgainAt | None:
        if self._own.elsewhere(key):
            self._permits.release(key)
            return None
        for _ in range(_MOST_STEPS):
            loaded = await self._load(key)
            if loaded.view is None:
                self._permits.release(key)
                return None
            lab = loaded.view.lab
            self._own.learn(key, lab.uid)
            async with self._own.working_on(lab.uid):
                turn = await self._by_state[lab.state].take_step(lab, loaded.last)
            if not isinstance(turn, Reload):
                return turn
        return LookAgainAt(self._clock.now())
