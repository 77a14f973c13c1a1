"""The labs this process wrote or read last, as they were then: a bet on what the store holds
now, and for the projector what it would have to fold again."""

from uuid import UUID

from application.event_log.derived import Reread, Views, load_by_views, reread
from application.event_log.labs import LABS
from application.event_log.loading import Loaded, load_on
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from application.ports.views import LabInstanceView
from application.structures.remembered import Remembered
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState

LabViews = Views[LabKey, LabInstanceView]


def views_in(read_model: ReadModel) -> LabViews:
    """What is asked of this read model."""
    return Views(
        get=read_model.get, position=read_model.position, find_command=read_model.find_command
    )


class RecentLabs:
    """Remembers up to `capacity` labs of `heaviest` bytes together; the one not asked for longest
    is forgotten first.

    What is remembered may be outdated: good for an append, whose expectation the store
    checks, and for what is said of one position, which never changes.
    """

    def __init__(
        self, views: LabViews, capacity: int = 4096, heaviest: int = 64 * 1024 * 1024
    ) -> None:
        self._views = views
        # For speed, decision 24.
        self._labs: Remembered[LabKey, Loaded[LabInstanceView]] = Remembered(
            capacity, weigh=_weight, heaviest=heaviest
        )
        self.get = self._labs.get
        self.forget = self._labs.forget

    async def load(self, store: EventStore, key: LabKey) -> Loaded[LabInstanceView]:
        """The lab as the log has it now, whatever is remembered of it, here or in the views: only
        what came after that is read, so a long life costs no more than a short one."""
        known = self._labs.get(key)
        loaded = await (
            load_on(LABS, store, key, known)
            if known
            else load_by_views(LABS, store, self._views, key)
        )
        self.remember(key, loaded)
        return loaded

    async def reread(
        self, store: EventStore, key: LabKey, command_id: UUID
    ) -> Reread[LabInstanceView]:
        """What a command that its sender may repeat is judged by."""
        return await reread(LABS, store, self._views, key, command_id)

    def answered(self, command_id: UUID, loaded: Loaded[LabInstanceView]) -> None:
        """What a command led to that its sender may repeat."""
        self._views.answers.put(command_id, loaded)

    def view_at(self, key: LabKey, position: int) -> LabInstanceView | None:
        """The view that the event at `position` led to, or None when it is not remembered."""
        loaded = self._labs.peek(key)
        if loaded is None or loaded.view is None or loaded.view.resource_version != position:
            return None
        return loaded.view

    def remember(self, key: LabKey, loaded: Loaded[LabInstanceView]) -> None:
        """The lab is now so; one that is deleted is forgotten."""
        if loaded.view is None or loaded.view.lab.state is LabState.DELETED:
            self.forget(key)
        else:
            self._labs.put(key, loaded)


def _weight(loaded: Loaded[LabInstanceView]) -> int:
    return loaded.view.weight if loaded.view else 0
