"""A memory with bounds: what was not used for longest is forgotten first."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Up to `capacity` values by key, which `weigh` up to `heaviest` together; the latest one is
    kept whatever it weighs. A value's weight is taken when it is put, and must not change. Putting
    a value counts as use; looking at one does too, unless it is only a `peek`."""

    __slots__ = ("_capacity", "_heaviest", "_values", "_weigh", "_weight")

    def __init__(
        self,
        capacity: int,
        *,
        weigh: Callable[[V], int] | None = None,
        heaviest: int = sys.maxsize,
    ) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._heaviest = heaviest
        self._weight = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def get(self, key: K) -> V | None:
        """The value, or None; it is now the one used last."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def peek(self, key: K) -> V | None:
        """The value, or None."""
        found = self._values.get(key)
        return None if found is None else found[0]

    def put(self, key: K, value: V) -> None:
        """Remember the value; the one used longest ago goes if there is no room."""
        self.forget(key)
        # For speed, decision 24: a value is weighed once.
        values = self._values
        weight = self._weigh(value) if self._weigh else 0
        values[key] = (value, weight)
        self._weight += weight
        while len(values) > self._capacity or self._weight > self._heaviest:
            if len(values) == 1:
                return
            self._weight -= values.popitem(last=False)[1][1]

    def forget(self, key: K) -> None:
        """Remember nothing under this key."""
        found = self._values.pop(key, None)
        if found is not None:
            self._weight -= found[1]

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._weight = 0
