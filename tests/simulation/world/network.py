"""What lies between processes and what they speak to: every message is late, some are lost."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random
from typing import Any, TypeVar

from application.ports.event_store import EventStoreError
from application.ports.provisioner import ProvisionerError
from application.ports.read_model import ForeignReadModel, ReadModelUnavailable
from tests.simulation.engine.loop import SimulatedLoop
from tests.simulation.engine.process import SimulatedProcess, running_process
from tests.simulation.engine.timeline import Timeline

T = TypeVar("T")

_COMES_AGAIN = (0.0, 0.05, 2.0)
_REFUSALS = (EventStoreError, ReadModelUnavailable, ForeignReadModel, ProvisionerError)
"""What peers answer when they do not do what they are asked."""


class Peer(Enum):
    """What a process speaks to, each over a way of its own."""

    LOG = "log"
    VIEWS = "views"
    LEASES = "leases"
    LABS = "labs"


class Latency(Enum):
    """How long messages take. Without any, many things happen at one moment; with steps, some
    do; drawn freely, none."""

    NONE = "none"
    STEPS = "steps"
    FREE = "free"

    def draw(self, chance: Random) -> float:
        """Seconds for one way."""
        match self:
            case Latency.NONE:
                return 0.0
            case Latency.STEPS:
                return chance.choice((0.0, 0.001, 0.01))
            case Latency.FREE:
                return min(chance.expovariate(200.0), 0.5)


@dataclass(slots=True)
class Weather:
    """What is wrong at present; at first nothing. Parts are chances, 0 to 1.

    `frozen_in_flight`: of calls to the labs' machine, after which their sender stands still.
    `cut`: who does not reach whom, and whether that is refused at once (else it is silence).
    `late`: seconds that an answer of a peer may take beside the usual.
    """

    lost_requests: float = 0.0
    lost_replies: float = 0.0
    repeated: float = 0.0
    frozen_in_flight: float = 0.0
    cut: dict[tuple[str, Peer], bool] = field(default_factory=dict)
    late: dict[Peer, float] = field(default_factory=dict)


class Unanswered(Exception):
    """No answer came in the time that a client of this kind waits."""


@dataclass(frozen=True, slots=True)
class _Message:
    """One call on its way. `answer`: where the sender waits for it; None for one that arrives
    twice. `until` is when its sender gives up; None when it never does."""

    sender: SimulatedProcess
    peer: Peer
    effect: Callable[[], Any]
    answer: "asyncio.Future[Any] | None"
    until: float | None
    epoch: int


class Network:
    """Carries calls. Their effects are the world's: a message that was sent arrives, whatever
    becomes of its sender."""

    def __init__(
        self, loop: SimulatedLoop, chance: Random, *, latency: Latency, timeline: Timeline
    ) -> None:
        self.weather = Weather()
        self.calls = 0
        self.repeating = False
        """Whether what arrives just now has come before."""
        self.freeze: Callable[[SimulatedProcess], None] = lambda process: None
        self._loop = loop
        self._chance = chance
        self._latency = latency
        self._timeline = timeline
        self._world = Context()
        self._epoch = 0

    def later(self, seconds: float, work: Callable[..., object], *args: object) -> None:
        """Have the world do something, later."""
        self._loop.call_later(seconds, work, *args, context=self._world)

    def delay(self) -> float:
        """How long one message takes."""
        return self._latency.draw(self._chance)

    def reachable(self, process: SimulatedProcess, peer: Peer) -> bool:
        """Whether messages get through at present."""
        return (process.name, peer) not in self.weather.cut

    def forget_what_is_in_flight(self) -> None:
        """Nothing that was sent arrives any more."""
        self._epoch += 1

    async def call(
        self, peer: Peer, effect: Callable[[], T], *, patience: float | None, repeatable: bool
    ) -> T:
        """Have `effect` happen at the peer and return its answer, or raise its refusal. Raises
        Unanswered after `patience` seconds; then whether it happened is unknown."""
        sender = running_process()
        assert sender is not None, "only processes make calls"
        self.calls += 1
        answer = self._loop.create_future()
        until = None if patience is None else self._loop.time() + patience
        message = _Message(sender, peer, effect, answer, until, self._epoch)
        if not self._dies_now(sender) or self._chance.random() < 0.5:
            self._send(message)
            if repeatable and self._chance.random() < self.weather.repeated:
                again = self._chance.choice(_COMES_AGAIN)
                self.later(again, self._send, replace(message, answer=None))
        return await answer  # type: ignore[no-any-return]  # futures are of any type

    def _dies_now(self, sender: SimulatedProcess) -> bool:
        if sender.calls_left is None:
            return False
        sender.calls_left -= 1
        if sender.calls_left > 0:
            return False
        self._timeline.say(sender.name, "dies at a call")
        sender.kill()
        return True

    def _send(self, message: _Message) -> None:
        weather = self.weather
        if message.peer is Peer.LABS and self._chance.random() < weather.frozen_in_flight:
            self.freeze(message.sender)
        refused = weather.cut.get((message.sender.name, message.peer))
        if refused:
            self.later(self.delay(), _give_up, message.answer)
        elif refused is not None or self._chance.random() < weather.lost_requests:
            self._lose(message)
        else:
            self.later(self.delay(), self._arrive, message)

    def _lose(self, message: _Message) -> None:
        if message.until is not None:
            self.later(max(0.0, message.until - self._loop.time()), _give_up, message.answer)

    def _arrive(self, message: _Message) -> None:
        if message.epoch != self._epoch:
            return
        result: Any = None
        refusal: Exception | None = None
        self.repeating = message.answer is None
        try:
            result = message.effect()
        except _REFUSALS as error:
            refusal = error
        lost = self._chance.random() < self.weather.lost_replies
        delay = self.delay() + self._chance.random() * self.weather.late.get(message.peer, 0.0)
        too_late = message.until is not None and self._loop.time() + delay > message.until
        if lost or too_late or not self.reachable(message.sender, message.peer):
            self._lose(message)
        elif delay:
            self.later(delay, _answer, message.answer, result, refusal)
        else:
            _answer(message.answer, result, refusal)


def _answer(answer: "asyncio.Future[Any] | None", result: Any, refusal: Exception | None) -> None:
    if answer is None or answer.done():
        return
    if refusal is None:
        answer.set_result(result)
    else:
        answer.set_exception(refusal)


def _give_up(answer: "asyncio.Future[Any] | None") -> None:
    _answer(answer, None, Unanswered())


def immediate(work: Coroutine[Any, Any, T] | Generator[Any, None, T]) -> T:
    """What a coroutine that waits for nothing returns."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # of any type
    work.close()
    raise AssertionError("this was to wait for nothing")
