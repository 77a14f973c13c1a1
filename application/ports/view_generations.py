"""Views that are made beside those in use, and then take their place."""

from dataclasses import dataclass
from typing import Protocol

from application.ports.objects import ApiObjects
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModel


@dataclass(frozen=True, slots=True, kw_only=True)
class NextViews:
    """A generation that nobody else sees yet: of labs, of the past, and of objects."""

    labs: ReadModel
    past: PastIndex
    api_objects: ApiObjects


class SwitchLost(Exception):
    """Others have replaced or cleared the views meanwhile; those in use are theirs."""

    def __init__(self) -> None:
        super().__init__("the views were replaced by somebody else meanwhile: run it again")


class ViewGenerations(Protocol):
    """One generation of the views is in use; another one can be made beside it.

    Both methods raise ReadModelUnavailable when the store cannot be used.
    """

    async def begin(self) -> NextViews:
        """An empty generation that nobody else sees. What an earlier one, that was never used,
        has left behind is removed."""

    async def switch(self) -> None:
        """Use the generation that was begun, with its checkpoint and its claim, in the place
        of the other: in one step, wherever the process ends. Raises SwitchLost."""
