"""A category of streams: what differs between the log's labs and its API objects when events
are folded into views. Everything else about streams is written once, over this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from application.ports.event_store import Fact, RecordedEvent
from application.ports.views import ViewChange, Weighed

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Generic[K, V]):
    """One stream for each name, through all incarnations of what has that name.

    `holds`: whether an event is of this category. `begins`: the fact that begins an
    incarnation. `next_view`: the view after an event; the same one when nothing to be seen
    changes. `is_gone`: whether the view says that its subject is gone. `version_of`: the
    position of the event that changed the view last.
    """

    stream_of: Callable[[K], str]
    key_of: Callable[[str], K]
    holds: Callable[[Fact], bool]
    begins: type
    next_view: Callable[[V | None, RecordedEvent], V | None]
    is_gone: Callable[[V], bool]
    version_of: Callable[[V], int]

    def present(self, view: V | None) -> V | None:
        """The view, if its subject exists now."""
        return None if view is None or self.is_gone(view) else view

    def change(
        self, key: K, before: V | None, recorded: RecordedEvent, *, folded: V | None = None
    ) -> ViewChange[K, V] | None:
        """The change that `recorded` makes to the view; None when it makes none.

        `folded`: the view after `recorded`, where it is known already.
        """
        now = folded or self.next_view(before, recorded)
        if now is None or now is before:
            return None
        gone = self.is_gone(now)
        return ViewChange(
            position=recorded.position,
            key=key,
            before=before,
            after=None if gone else now,
            deleted=now if gone else None,
            command=recorded.metadata.get("commandId", ""),
        )
