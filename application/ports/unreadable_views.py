"""Views that are there and cannot be read: who meets one goes on, and it is made anew."""

from typing import Protocol, TypeVar

K = TypeVar("K")
V_contra = TypeVar("V_contra", contravariant=True)


class UnreadableViews(Protocol[K, V_contra]):
    """What a store of views met and left out, by key. Raises ReadModelUnavailable as that
    does."""

    async def found(self) -> K:
        """A key whose view cannot be read, as soon as one was met; while it is not replaced,
        it is named again after all others."""

    async def replace(self, key: K, view: V_contra | None) -> None:
        """Put this view in its place, or nothing where there is no such thing any more. A view
        that can be read stays."""

    @property
    def unreadable(self) -> tuple[K, ...]:
        """Those that are known and not replaced."""
