"""How many labs may be brought up at a time, and who is next."""

from collections.abc import Callable, Collection

from application.structures.taking_turns import TakingTurns
from domain.lab_instance.key import LabKey


class Permits:
    """One permit for each attempt to bring up a lab, up to `limit`, fair between namespaces.

    A permit belongs to the lab's key, so it outlives any number of looks at the lab. Whoever
    has to wait is woken, holding its permit, when one is free: nobody polls.
    """

    def __init__(self, *, limit: int, wake: Callable[[LabKey], None]) -> None:
        self._limit = limit
        self._wake = wake
        self._held: dict[LabKey, bool] = {}  # whether the attempt has begun
        self._queue = TakingTurns()

    @property
    def held(self) -> int:
        """How many labs hold a permit; after a restart this may be above the limit."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many labs wait for one."""
        return len(self._queue)

    @property
    def keys(self) -> Collection[LabKey]:
        """The labs that hold a permit or wait for one."""
        return [*self._held, *self._queue]

    def waits(self, key: LabKey) -> bool:
        """Whether this lab waits for a permit."""
        return key in self._queue

    def acquire(self, key: LabKey) -> bool:
        """Whether the lab may begin now. If not, it is woken when it may."""
        if key in self._held:
            return True
        if self._queue or len(self._held) >= self._limit:
            self._queue.put(key)
            return False
        self._held[key] = False
        return True

    def hold(self, key: LabKey) -> None:
        """The lab's attempt is under way, permit or not: it counts."""
        self._queue.discard(key)
        self._held[key] = True

    def give_back(self, key: LabKey) -> None:
        """Release the permit of a lab that could not begin."""
        if self._held.get(key) is False:
            self.release(key)

    def release(self, key: LabKey) -> None:
        """The lab needs no permit, nor will it begin: the next in turn may."""
        self._queue.discard(key)
        self._held.pop(key, None)
        while self._queue and len(self._held) < self._limit:
            chosen = self._queue.take()
            self._held[chosen] = False
            self._wake(chosen)
