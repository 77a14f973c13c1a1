"""A client: sends commands, repeats those that nobody answered, and remembers what it was told."""

import asyncio
from dataclasses import dataclass
from random import Random
from uuid import UUID

from application.mediator.mediator import Command, Outcome, RequestContext
from application.mediator.questions import NOW, GetLabInstance, ResourceVersionTooLarge
from application.ports.event_store import EventStoreUnavailable, StreamConflict
from application.ports.outages import OUTAGES
from application.ports.views import LabInstanceView
from application.service import Service
from domain.errors import DomainError, LabInstanceNotFound
from domain.lab_instance.key import LabKey
from tests.simulation.engine.chance import SimulatedRandomness, stream
from tests.simulation.invariants.refusals import only_done_by_itself
from tests.simulation.players.errands import ERRANDS, Errand
from tests.simulation.players.replica import NoAnswer, Replica
from tests.simulation.world.cluster import Cluster

_PATIENCE = 3.0
_TRIES = 4
_PAUSES = (0.0, 0.0, 0.02, 0.5, 1.5)
_SENT_TWICE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What a client was told: this command had an effect, at this position."""

    command_id: str
    position: int
    losses: int


class Client:
    """Works on the labs it is given, in turns with the others, until it is stopped.

    What it was told is checked when it hears it: what is acknowledged is in the log, what was
    carried out is not refused, and what it wrote is what it reads.
    """

    def __init__(self, name: str, cluster: Cluster, replicas: list[Replica]) -> None:
        self.name = name
        self.told: list[Acknowledged] = []
        self.done = 0
        self._cluster = cluster
        self._replicas = replicas
        self._chance: Random = stream(cluster.seed, f"client/{name}")
        self._ids = SimulatedRandomness(self._chance)

    async def work(self, keys: list[LabKey], *, until: float) -> None:
        """Run errands until that moment."""
        while self._cluster.loop.time() < until:
            await asyncio.sleep(self._chance.choice(_PAUSES))
            errand = self._chance.choices(list(ERRANDS), list(ERRANDS.values()))[0]
            await self.run(errand, self._chance.choice(keys))

    async def run(self, errand: Errand, key: LabKey) -> None:
        """Look at the lab, and send what the errand makes of it."""
        command = errand(key, await self._look(key), self._chance)
        if command is not None:
            await self._send(command, repeatable=self._chance.random() < 0.8)

    async def _look(self, key: LabKey) -> LabInstanceView | None:
        question = GetLabInstance(key=key, moment=NOW)
        try:
            return await self._any().request(
                lambda service: service.mediator.ask(question), patience=_PATIENCE
            )
        except (DomainError, NoAnswer, ResourceVersionTooLarge, *OUTAGES):
            return None

    def _any(self) -> Replica:
        return self._chance.choice(self._replicas)

    async def _send(self, command: Command, *, repeatable: bool) -> None:
        context = RequestContext(
            command_id=UUID(self._ids.uid()),
            correlation_id="",
            causation_id="",
            actor=self.name,
            user_agent="simulation",
            traceparent="",
            repeatable=repeatable,
        )
        copies = 2 if repeatable and self._chance.random() < _SENT_TWICE else 1
        await asyncio.gather(*(self._send_copy(command, context) for _ in range(copies)))

    async def _send_copy(self, command: Command, context: RequestContext) -> None:
        """Send it until the answer is final; a proxy may do so with another copy meanwhile."""
        for _ in range(_TRIES if context.repeatable else 1):
            if await self._answered(self._any(), command, context):
                return
            await asyncio.sleep(self._chance.choice((0.0, 0.2, 1.0)))

    async def _answered(self, replica: Replica, command: Command, context: RequestContext) -> bool:
        """Whether the answer is final."""
        head = self._cluster.log.head
        losses = len(self._cluster.lost_after)
        say = self._cluster.timeline.say
        what = f"{type(command).__name__} {_subject(command)} {str(context.command_id)[:8]}"
        try:
            outcome: Outcome = await replica.request(
                lambda service: _sent(service, command, context), patience=_PATIENCE
            )
        except (NoAnswer, EventStoreUnavailable, ResourceVersionTooLarge, *OUTAGES) as trouble:
            say(self.name, f"{what} at {replica.name}: {type(trouble).__name__}")
            return False
        except DomainError as refusal:
            say(self.name, f"{what} at {replica.name}: {type(refusal).__name__}")
            if losses == len(self._cluster.lost_after):
                self._check_refusal(command, context, head, refusal)
            return True
        except StreamConflict as conflict:
            self._cluster.verdicts.broken("no conflict reaches a client", f"{what}: {conflict}")
            return True
        say(self.name, f"{what} at {replica.name}: {outcome.changed} at {outcome.position}")
        self.done += 1
        if losses == len(self._cluster.lost_after):
            await self._heard(replica, command, context, outcome)
        return True

    def _check_refusal(
        self, command: Command, context: RequestContext, head: int, refusal: DomainError
    ) -> None:
        """Refused although it was done, by an earlier copy: that copy's effect was there before
        this one was sent, or else only the effect explains the refusal."""
        effect = self._cluster.oracle.effects.get(str(context.command_id))
        if effect is None:
            return
        explained = effect.position <= head or only_done_by_itself(
            command, refusal, self._cluster.folds, since=head, effect=effect.position
        )
        detail = f"{context.command_id}, done at {effect.position}: {refusal}"
        self._cluster.verdicts.check(not explained, "what was done is not refused", detail)

    async def _heard(
        self, replica: Replica, command: Command, context: RequestContext, outcome: Outcome
    ) -> None:
        command_id = str(context.command_id)
        if outcome.changed:
            effect = self._cluster.oracle.effects.get(command_id)
            self._cluster.verdicts.check(
                effect is not None and effect.position == outcome.position,
                "no acknowledged command is lost",
                f"{command_id} was told to be at {outcome.position}",
            )
            losses = len(self._cluster.lost_after)
            told = Acknowledged(command_id=command_id, position=outcome.position, losses=losses)
            self.told.append(told)
        key = getattr(command, "lab", None)
        if outcome.changed and isinstance(key, LabKey) and self._chance.random() < 0.4:
            await self._read_back(replica, key, outcome.position)

    async def _read_back(self, replica: Replica, key: LabKey, position: int) -> None:
        """Whoever wrote reads it, or something later, from the same replica."""
        life, losses = replica.lives, len(self._cluster.lost_after)
        question = GetLabInstance(key=key, moment=NOW)
        view: LabInstanceView | None
        try:
            view = await replica.request(
                lambda service: service.mediator.ask(question), patience=_PATIENCE
            )
        except LabInstanceNotFound:
            view = None
        except (NoAnswer, ResourceVersionTooLarge, *OUTAGES):
            return
        if life != replica.lives or losses != len(self._cluster.lost_after):
            return
        self._cluster.verdicts.check(
            view in self._cluster.folds.ever_since(key, position),
            "who wrote reads what was written",
            f"{key} after {position}: {view.resource_version if view else None}",
        )


def _subject(command: Command) -> str:
    return str(getattr(command, "lab", None) or getattr(command, "key", ""))


async def _sent(service: Service, command: Command, context: RequestContext) -> Outcome:
    return await service.mediator.send(command, context)
