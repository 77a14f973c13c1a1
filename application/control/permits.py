"""How many labs may be brought up at a time, and who is next."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

from application.structures.taking_turns import TakingTurns
from domain.lab_instance.key import LabKey


class Permits:
    """One permit for each attempt to bring up a lab, up to `limit`, fair between namespaces.

    What a namespace holds above its share does not count against one that holds none: labs that
    never get ready keep nobody else's waiting. For such guests there are as many permits again.

    A permit belongs to the lab's key, so it outlives any number of looks at the lab. Whoever
    has to wait is woken, holding its permit, when one is free: nobody polls.
    """

    def __init__(self, *, limit: int, wake: Callable[[LabKey], None]) -> None:
        self.limit = limit
        self._wake = wake
        self._held: dict[LabKey, bool] = {}  # whether the attempt has begun
        self._by_namespace: Counter[str] = Counter()
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
    def waiting_by_namespace(self) -> Mapping[str, int]:
        """How many labs wait for one, where any does."""
        return self._queue.sizes

    def waiting_in(self, namespace: str) -> int:
        """How many labs of a namespace wait for one."""
        return self._queue.size_of(namespace)

    def queued(self, namespace: str) -> Collection[LabKey]:
        """The labs of a namespace that wait for one, the next first."""
        return self._queue.of(namespace)

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
        is_next = not self._queue and len(self._held) < self.limit
        if not is_next and not self._is_guest(key.namespace):
            self._queue.put(key)
            return False
        self._queue.discard(key)
        self._give(key, begun=False)
        return True

    def hold(self, key: LabKey) -> None:
        """The lab's attempt is under way, permit or not: it counts."""
        self._queue.discard(key)
        self._give(key, begun=True)

    def give_back(self, key: LabKey) -> None:
        """Release the permit of a lab that could not begin."""
        if self._held.get(key) is False:
            self.release(key)

    def release(self, key: LabKey) -> None:
        """The lab needs no permit, nor will it begin: the next in turn may."""
        self._queue.discard(key)
        if self._held.pop(key, None) is not None:
            self._by_namespace[key.namespace] -= 1
            self._by_namespace += Counter()  # without those that hold none
        while (chosen := self._next()) is not None:
            self._give(chosen, begun=False)
            self._wake(chosen)

    def _next(self) -> LabKey | None:
        if self._queue and len(self._held) < self.limit:
            return self._queue.take()
        for namespace in self._queue.namespaces:
            if self._is_guest(namespace):
                return self._queue.take_of(namespace)
        return None

    def _give(self, key: LabKey, *, begun: bool) -> None:
        if key not in self._held:
            self._by_namespace[key.namespace] += 1
        self._held[key] = begun

    def _is_guest(self, namespace: str) -> bool:
        """Whether it holds none while others hold more than their share."""
        holders = self._by_namespace
        if namespace in holders or len(self._held) >= 2 * self.limit:
            return False
        share = max(1, self.limit // (len(holders) + 1))
        return sum(min(held, share) for held in holders.values()) < self.limit
