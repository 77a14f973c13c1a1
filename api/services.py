"""What the API is given by the wiring: nothing here knows an adapter."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.http.authentication import BearerToken
from application.mediator.mediator import Mediator
from application.ports.clock import Clock, Randomness
from application.ports.templates import TemplateCatalog
from application.projections.object_feed import ApiObjectFeed
from application.projections.watch_feed import WatchFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One aspect of being ready. `message` tells a person more, good or bad."""

    name: str
    ok: bool
    message: str


class Readiness(Protocol):
    """Says whether the service can do its work now."""

    async def __call__(self) -> Sequence[Check]:
        """Every check, in the order in which they are shown. Returns soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLimits:
    """Sizes and times that keep a request from costing too much.

    `list_limit`: the most labs one answer lists; `chunk`: how many are read at once.
    `bookmark_interval`: seconds between the bookmarks of a quiet watch. `watch_lifetime`:
    seconds a watch stays open at most. `write_timeout`: seconds a watcher may take to accept
    what is sent. `patch_attempts`: how often a patch is put on fresh state. `heavy_waiting`:
    how many large bodies wait to be read.
    """

    body_bytes: int = 1024 * 1024
    list_limit: int = 100_000
    chunk: int = 500
    bookmark_interval: float = 30.0
    watch_lifetime: float = 3600.0
    write_timeout: float = 30.0
    patch_attempts: int = 5
    heavy_waiting: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the routes work with. `metrics` answers the Prometheus text of now;
    `on_failed_login` is called for each request without the right credentials."""

    mediator: Mediator
    watch_feed: WatchFeed
    object_feed: ApiObjectFeed
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    token: BearerToken
    readiness: Readiness
    metrics: Callable[[], Awaitable[bytes]]
    limits: ApiLimits
    on_failed_login: Callable[[], None] = lambda: None
