"""What the routes work with."""

from dataclasses import dataclass

from api.http.authentication import BearerToken
from application.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLimits:
    """Sizes and times that keep a request from costing too much.

    `list_limit`: the most labs one answer lists; `chunk`: how many are read at once.
    `bookmark_interval`: seconds between the bookmarks of a quiet watch. `watch_lifetime`:
    seconds a watch stays open at most. `write_timeout`: seconds a watcher may take to accept
    what is sent. `patch_attempts`: how often a patch is put on fresh state. `heavy_waiting`:
    how many large bodies wait to be read. `connections`: how many places there are for them.
    """

    body_bytes: int = 1024 * 1024
    list_limit: int = 100_000
    chunk: int = 500
    bookmark_interval: float = 30.0
    watch_lifetime: float = 3600.0
    write_timeout: float = 30.0
    patch_attempts: int = 5
    heavy_waiting: int = 32
    connections: int = 2000


@dataclass(frozen=True, kw_only=True)
class Services(Service):
    """The running service, who may come in, and what a request may cost."""

    token: BearerToken
    limits: ApiLimits = ApiLimits()
