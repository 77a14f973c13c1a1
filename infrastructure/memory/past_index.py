"""The index of the past in memory: the PastIndex contract by plain search."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.past_index import Lifetime, Passed, Stretch, Within
from domain.lab_instance.key import LabKey


class MemoryPastIndex:
    """The PastIndex contract, as long as the object lives. The read model writes it."""

    def __init__(self) -> None:
        self._lifetimes: dict[tuple[LabKey, int], Lifetime] = {}
        self._stretches: dict[int, Stretch] = {}
        self._reached = 0

    async def reached(self) -> int:
        return self._reached

    async def alive(
        self, position: int, within: Within, *, after: LabKey | None, limit: int
    ) -> Sequence[Lifetime]:
        found = [
            one
            for (key, _), one in sorted(self._lifetimes.items())
            if one.born <= position
            and (one.gone is None or one.gone > position)
            and within.namespace in (None, key.namespace)
            and within.name in (None, key.name)
            and (after is None or key > after)
        ]
        return found[:limit]

    async def latest(
        self, key: LabKey, *, position: int | None = None, version: int | None = None
    ) -> Lifetime | None:
        found = [
            one
            for _, one in sorted(self._lifetimes.items())
            if one.key == key
            and (position is None or one.born <= position)
            and (version is None or one.first_version <= version)
        ]
        return found[-1] if found else None

    async def stretches(self) -> Sequence[Stretch]:
        return [one for _, one in sorted(self._stretches.items())]

    async def catch_up(self, passed: Passed, *, position: int) -> None:
        self.learn(passed, upto=position)

    def learn(self, passed: Passed, *, upto: int) -> None:
        """Remember it; everything up to `upto` is known then."""
        for born in passed.born:
            self._lifetimes.setdefault((born.key, born.first_version), born)
        for end in passed.ended:
            for place, one in self._lifetimes.items():
                if one.key == end.key and one.gone is None and one.first_version <= end.version:
                    self._lifetimes[place] = replace(
                        one, gone=end.position, last_version=end.version
                    )
        for stretch in passed.stretches:
            known = self._stretches.get(stretch.after)
            if known is None or known.last < stretch.last:
                self._stretches[stretch.after] = stretch
        self._reached = max(self._reached, upto)

    def clear(self) -> None:
        """Forget everything."""
        self._lifetimes.clear()
        self._stretches.clear()
        self._reached = 0
