"""The presenter of a kind: what representations need of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from api.kubernetes.kinds import Kind
from api.kubernetes.tables import Column

T_contra = TypeVar("T_contra", contravariant=True)


class Presenter(Protocol[T_contra]):
    """How things of one kind become documents and rows."""

    @property
    def kind(self) -> Kind:
        """What they are."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of their tables."""

    def document(self, item: T_contra) -> Any:
        """The whole object."""

    def metadata(self, item: T_contra) -> Any:
        """Its metadata."""

    def version(self, item: T_contra) -> str:
        """Its resource version."""

    def cells(self, item: T_contra, now: datetime) -> Sequence[Any]:
        """Its row, in the order of the columns."""
