"""How long a lab rests whose start found the provisioner out of service. Kept in memory: what
is recorded about such a lab wakes it, and must not make it try again at once."""

import asyncio

from application.control.backoff import Backoff
from application.ports.clock import Randomness
from domain.lab_instance.key import LabKey


class StartBackoff:
    """A rest for each key, longer from failure to failure, on the event loop's clock."""

    def __init__(self, backoff: Backoff, randomness: Randomness) -> None:
        self._backoff = backoff
        self._randomness = randomness
        self._failures: dict[LabKey, tuple[int, float]] = {}

    def failed(self, key: LabKey) -> None:
        """Another start failed: rest, for longer than before."""
        now = asyncio.get_running_loop().time()
        self._forget_those_gone(now)
        failures = self._failures.get(key, (0, 0.0))[0] + 1
        delay = self._backoff.delay(failures, self._randomness.fraction())
        self._failures[key] = (failures, now + delay)

    def left(self, key: LabKey) -> float:
        """The seconds this key still has to rest; 0 when it may start."""
        _, until = self._failures.get(key, (0, 0.0))
        return max(0.0, until - asyncio.get_running_loop().time())

    def over(self, key: LabKey) -> None:
        """A start succeeded: the next failure is the first."""
        self._failures.pop(key, None)

    def _forget_those_gone(self, now: float) -> None:
        """A lab that has not tried again long after its rest was deleted or has failed."""
        longest = 2 * self._backoff.cap
        gone = [key for key, (_, until) in self._failures.items() if now > until + longest]
        for key in gone:
            del self._failures[key]
