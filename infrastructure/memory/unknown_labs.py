"""What an operator is told of unknown labs, and says, in memory."""

from collections.abc import Sequence

from application.ports.unknown_labs import OperatorsWord, UnknownLab


class MemoryUnknownLabs:
    """Implements UnknownLabs; `kept` and `discarded` are the operator's word."""

    def __init__(self) -> None:
        self.told: Sequence[UnknownLab] = ()
        self.kept: set[str] = set()
        self.discarded: set[str] = set()

    async def tell(self, labs: Sequence[UnknownLab]) -> None:
        self.told = labs

    async def word(self) -> OperatorsWord:
        return OperatorsWord(kept=frozenset(self.kept), discarded=frozenset(self.discarded))

    async def carried_out(self, uid: str) -> None:
        self.discarded.discard(uid)
