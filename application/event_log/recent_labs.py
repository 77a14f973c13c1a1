"""The labs this process wrote last, as they were then: a bet on what the store holds now, and
for the projector what it would have to fold again."""

from collections import OrderedDict

from application.event_log.loading import Loaded
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


class RecentLabs:
    """Remembers up to `capacity` labs; the one not asked for longest is forgotten first.

    What is remembered may be outdated: good for an append, whose expectation the store
    checks, and for what is said of one position, which never changes.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._labs: OrderedDict[LabKey, Loaded] = OrderedDict()

    def get(self, key: LabKey) -> Loaded | None:
        """The lab as it was remembered last, or None."""
        loaded = self._labs.get(key)
        if loaded is not None:
            self._labs.move_to_end(key)
        return loaded

    def view_at(self, key: LabKey, position: int) -> LabInstanceView | None:
        """The view that the event at `position` led to, or None when it is not remembered."""
        loaded = self._labs.get(key)
        if loaded is None or loaded.view is None or loaded.view.resource_version != position:
            return None
        return loaded.view

    def remember(self, key: LabKey, loaded: Loaded) -> None:
        """The lab is now so; one that is deleted is forgotten."""
        if loaded.view is None or loaded.view.lab.state is LabState.DELETED:
            self.forget(key)
            return
        self._labs[key] = loaded
        self._labs.move_to_end(key)
        if len(self._labs) > self._capacity:
            self._labs.popitem(last=False)

    def forget(self, key: LabKey) -> None:
        """What was remembered is outdated."""
        self._labs.pop(key, None)
