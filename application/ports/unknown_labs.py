"""Labs that the log does not know: told to an operator, who says what becomes of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownLab:
    """A runtime that no event names. `lab`: what is written beside it; its name is empty where
    nothing is. `kept`: an operator has said that it stays."""

    lab: LabKey
    uid: str
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsWord:
    """The uids that shall stay untouched, and those that may be ended and set aside at once."""

    kept: Collection[str] = frozenset()
    discarded: Collection[str] = frozenset()


class UnknownLabs(Protocol):
    """Where both meet. Every method may raise OSError; nothing is changed then."""

    async def tell(self, labs: Sequence[UnknownLab]) -> None:
        """These are unknown now, in place of those told before."""

    async def word(self) -> OperatorsWord:
        """What the operator has said, of whatever uids."""

    async def carried_out(self, uid: str) -> None:
        """His word that this one may go is used up. Repeating it does nothing."""
