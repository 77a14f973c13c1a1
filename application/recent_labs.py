"""The labs this process wrote last, as they were then: a bet on what the store holds now."""

from collections import OrderedDict

from application.loading import Loaded
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


class RecentLabs:
    """Remembers up to `capacity` labs; the one not asked for longest is forgotten first.

    What is remembered may be outdated: good for an append, whose expectation the store
    checks, and for nothing else.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._labs: OrderedDict[LabKey, Loaded] = OrderedDict()

    def get(self, key: LabKey) -> Loaded | None:
        """The lab as it was remembered last, or None."""
        loaded = self._labs.get(key)
        if loaded is not None:
            self._labs.move_to_end(key)
        return loaded

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
