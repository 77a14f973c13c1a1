"""What fails again and again, by name, while everything else goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

_AGAIN = 3
_NAMED = 5
_KEPT = 1000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Failure:
    times: int
    trouble: str
    blocks: bool


class PassTroubles:
    """Counts the failures in a row of each part of the work; bounded, in number and length."""

    def __init__(self) -> None:
        self._failures: dict[str, _Failure] = {}

    def failed(self, part: str, trouble: Exception, *, blocks: bool = False) -> None:
        """This part failed. `blocks` when that concerns all labs and not the world is to blame."""
        known = self._failures.pop(part, None)
        times = 1 if known is None else known.times + 1
        message = " ".join(f"{type(trouble).__name__}: {trouble}".split())[:_LONGEST]
        self._failures[part] = _Failure(times, message, blocks)
        if len(self._failures) > _KEPT:
            del self._failures[next(iter(self._failures))]

    def worked(self, part: str) -> None:
        """This part went well: its next failure is the first."""
        self._failures.pop(part, None)

    @property
    def blocking(self) -> Sequence[str]:
        """What keeps all labs waiting, in words."""
        return self._repeated(blocks=True)

    @property
    def notices(self) -> Sequence[str]:
        """What concerns one lab, or is the world's doing, in words."""
        return self._repeated(blocks=False)

    def _repeated(self, *, blocks: bool) -> Sequence[str]:
        named = [
            f"{part} failed {failure.times} times in a row ({failure.trouble})"
            for part, failure in self._failures.items()
            if failure.times >= _AGAIN and failure.blocks is blocks
        ]
        more = len(named) - _NAMED
        return (*named[:_NAMED], *([f"and {more} more"] if more > 0 else []))
