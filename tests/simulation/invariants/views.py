"""What the views must be: a fresh fold of the log, at every position."""

from bisect import bisect_right
from collections.abc import Iterable

from application.event_log.api_objects import API_OBJECTS
from application.event_log.labs import LABS
from application.ports.event_store import RecordedEvent
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from tests.simulation.world.log import SimulatedLog


class Folds:
    """Every view that every lab ever had, kept up as the log grows."""

    def __init__(self, log: SimulatedLog) -> None:
        self._log = log
        self._views: dict[LabKey, list[tuple[int, LabInstanceView | None]]] = {}
        self._known: dict[LabKey, LabInstanceView | None] = {}
        self._taken = 0

    def begin_anew(self) -> None:
        """The log has lost its end."""
        self._views.clear()
        self._known.clear()
        self._taken = 0

    def at(self, key: LabKey, position: int) -> LabInstanceView | None:
        """The lab's view as of the position; None when there was no such lab."""
        self._go_on()
        steps = self._views.get(key, [])
        index = bisect_right(steps, position, key=lambda step: step[0])
        return steps[index - 1][1] if index else None

    def ever_since(self, key: LabKey, position: int) -> list[LabInstanceView | None]:
        """The view as of the position, and every later one."""
        return self.between(key, position, self._log.head + 1)

    def between(self, key: LabKey, first: int, end: int) -> list[LabInstanceView | None]:
        """The view as of the first position, and every later one before the end."""
        self._go_on()
        later = [view for at, view in self._views.get(key, []) if first < at < end]
        return [self.at(key, first), *later]

    def all_at(self, position: int) -> dict[LabKey, LabInstanceView]:
        """Every lab as of the position."""
        self._go_on()
        views = {key: self.at(key, position) for key in self._views}
        return {key: view for key, view in views.items() if view is not None}

    def _go_on(self) -> None:
        events = self._log.recorded
        while self._taken < len(events):
            self._take(events[self._taken])
            self._taken += 1

    def _take(self, recorded: RecordedEvent) -> None:
        if not LABS.holds(recorded.event):
            return
        key = LABS.key_of(recorded.stream)
        view = LABS.next_view(self._known.get(key), recorded)
        self._known[key] = view
        self._views.setdefault(key, []).append((recorded.position, LABS.present(view)))


def api_objects_in(events: Iterable[RecordedEvent]) -> dict[ApiObjectKey, ApiObjectView]:
    """Every object that these events leave."""
    views: dict[ApiObjectKey, ApiObjectView | None] = {}
    for recorded in events:
        if API_OBJECTS.holds(recorded.event):
            key = API_OBJECTS.key_of(recorded.stream)
            views[key] = API_OBJECTS.next_view(views.get(key), recorded)
    present = {key: API_OBJECTS.present(view) for key, view in views.items()}
    return {key: view for key, view in present.items() if view is not None}
