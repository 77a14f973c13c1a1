"""A fair queue of labs' keys."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping

from domain.lab_instance.key import LabKey


class TakingTurns:
    """Each key once, in the order of coming; but namespaces take turns, so that a crowd in one
    holds nobody else back."""

    def __init__(self) -> None:
        self._by_namespace: OrderedDict[str, OrderedDict[LabKey, None]] = OrderedDict()

    def __contains__(self, key: LabKey) -> bool:
        return key in self._by_namespace.get(key.namespace, ())

    def __len__(self) -> int:
        return sum(len(keys) for keys in self._by_namespace.values())

    def __bool__(self) -> bool:
        return bool(self._by_namespace)

    def __iter__(self) -> Iterator[LabKey]:
        for keys in self._by_namespace.values():
            yield from keys

    def put(self, key: LabKey) -> None:
        """Let the key wait, unless it does."""
        keys = self._by_namespace.get(key.namespace)
        if keys is None:
            keys = self._by_namespace[key.namespace] = OrderedDict()
        keys.setdefault(key)

    def take(self) -> LabKey:
        """The key whose turn it is; it waits no more. Raises KeyError when none does."""
        namespace, keys = self._by_namespace.popitem(last=False)
        key, _ = keys.popitem(last=False)
        if keys:
            self._by_namespace[namespace] = keys  # to the end: the other namespaces come first
        return key

    def take_of(self, namespace: str) -> LabKey:
        """As `take`, for one namespace whatever its turn. Raises KeyError."""
        self._by_namespace.move_to_end(namespace, last=False)
        return self.take()

    @property
    def namespaces(self) -> Collection[str]:
        """Those whose keys wait, the next in turn first."""
        return tuple(self._by_namespace)

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many keys of each namespace wait."""
        return {namespace: len(keys) for namespace, keys in self._by_namespace.items()}

    def size_of(self, namespace: str) -> int:
        """How many keys of a namespace wait."""
        return len(self._by_namespace.get(namespace, ()))

    def of(self, namespace: str) -> Collection[LabKey]:
        """The keys of a namespace that wait, the next in turn first."""
        return tuple(self._by_namespace.get(namespace, ()))

    def discard(self, key: LabKey) -> None:
        """The key waits no more, if it did."""
        keys = self._by_namespace.get(key.namespace)
        if keys is not None:
            keys.pop(key, None)
            if not keys:
                del self._by_namespace[key.namespace]
