"""The running service, as its HTTP side is given it: nothing here knows an adapter."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from application.mediator.mediator import Mediator
from application.ports.clock import Clock, Randomness
from application.ports.templates import TemplateCatalog
from application.projections.watch_feed import ApiObjectFeed, WatchFeed
from domain.lab_instance.lab_instance import LabInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One aspect of being ready. `message`: more for people, good or bad. `warns`: it must be
    seen though all works."""

    name: str
    ok: bool
    message: str
    warns: bool = False


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service at work. `readiness` answers every check, in the order in which they are
    shown, within seconds; `metrics` the Prometheus text of now;
    `on_failed_login` is called for each request without the right credentials; `waiting` says
    what a lab waits for at this moment beside what is recorded of it, empty where it does not."""

    mediator: Mediator
    watch_feed: WatchFeed
    object_feed: ApiObjectFeed
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    readiness: Callable[[], Awaitable[Sequence[Check]]]
    metrics: Callable[[], Awaitable[bytes]]
    on_failed_login: Callable[[], None] = lambda: None
    waiting: Callable[[LabInstance], str] = lambda _: ""
