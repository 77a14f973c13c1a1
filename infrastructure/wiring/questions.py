"""Puts together what answers questions about labs, now and in the past. Wiring only."""

from dataclasses import dataclass

from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.recent_labs import RecentLabs
from application.mediator.mediator import Mediator
from application.ports.event_store import EventStore
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel
from application.queries.differences import DifferenceQueries
from application.queries.facts import FactQueries
from application.queries.labs import LabQueries
from application.queries.past_labs import PastLabs
from application.queries.runtimes import RuntimeQueries
from infrastructure.wiring.adapters import Adapters

_PROVISIONER_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What the answers are made from."""

    store: EventStore
    read_model: ReadModel
    provisioner: Provisioner
    freshness: Freshness
    recent: RecentLabs
    moments: Moments

    def register(self, mediator: Mediator, adapters: Adapters) -> None:
        """Let the mediator know who answers."""
        past = PastLabs(self.store, adapters.past_index, self.freshness)
        LabQueries(
            self.store,
            self.read_model,
            freshness=self.freshness,
            recent=self.recent,
            past=past,
            moments=self.moments,
        ).register(mediator)
        RuntimeQueries(
            self.store,
            self.provisioner,
            replica=adapters.replica,
            patience=_PROVISIONER_PATIENCE,
        ).register(mediator)
        DifferenceQueries(self.store, past, self.moments).register(mediator)
        FactQueries(self.store).register(mediator)
