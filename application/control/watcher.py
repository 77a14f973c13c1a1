"""Follows the log and publishes what has changed. Knows nothing of what is done about it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from application.control.backoff import Backoff
from application.event_log.api_objects import is_api_object_event
from application.event_log.closing import closing_early
from application.event_log.labs import key_of
from application.mediator.notifications import LabInstanceChanged
from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.clock import Randomness
from application.ports.event_store import (
    CaughtUp,
    EventStore,
    EventStoreUnavailable,
    RecordedEvent,
    UndecodableEvent,
)
from application.projections.origin import origin_of_log
from domain.lab_instance.events import LabInstanceCreated

log = logging.getLogger(__name__)

_NAME = "watcher"
_LONGEST_BETWEEN_SAVES = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherSettings:
    """`pushes`: whether the store's subscription can be used; else it is read every
    `poll_interval` seconds. `tolerance`: for how many seconds the watcher may be behind and
    still count as healthy."""

    pushes: bool
    poll_interval: float
    tolerance: float
    backoff: Backoff


class StreamEnded(EventStoreUnavailable):
    """A subscription that never ends has ended."""

    def __init__(self) -> None:
        super().__init__("the subscription ended by itself")


class Watcher:
    """Publishes LabInstanceChanged for every lab's event after its checkpoint, in order.

    Whatever breaks, it goes on from the event after the last one it published, so an event
    may be published again after a crash but never is left out. It does not pass an event
    that cannot be decoded.
    """

    def __init__(
        self,
        store: EventStore,
        checkpoints: Checkpoints,
        publish: Callable[[LabInstanceChanged], Awaitable[None]],
        *,
        settings: WatcherSettings,
        randomness: Randomness,
    ) -> None:
        self._store = store
        self._checkpoints = checkpoints
        self._publish = publish
        self._settings = settings
        self._randomness = randomness
        self._origin: str | None = None
        self._at_most: int | None = None
        self._started = False
        self._saved = 0
        self._failures = 0
        self._behind_since: float | None = None
        self._last_seen: float | None = None
        self.position = 0
        self.head = 0
        self.caught_up = False
        self.trouble = "it has not started yet"

    @property
    def lag(self) -> int:
        """How far the position is behind the end of the log."""
        return max(0, self.head - self.position)

    @property
    def last_seen_age(self) -> float:
        """Seconds since the store last gave a sign of life; infinite before the first."""
        if self._last_seen is None:
            return float("inf")
        return asyncio.get_running_loop().time() - self._last_seen

    @property
    def ready(self) -> bool:
        """Whether changes are seen as they happen."""
        if self.trouble or not self.caught_up:
            return False
        behind = self._behind_since
        now = asyncio.get_running_loop().time()
        return behind is None or now - behind < self._settings.tolerance

    def start_no_later_than(self, position: int) -> None:
        """Have the next start publish everything after `position`, even where the checkpoint
        is later."""
        self._at_most = position
        self._started = False

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_for_ever())
                group.create_task(self._keep_house())
        finally:
            await self._save()

    async def _follow_for_ever(self) -> None:
        while True:
            try:
                await self._follow()
            except UndecodableEvent as error:
                log.error(  # noqa: TRY400  the event is at fault; a traceback says nothing
                    "the log cannot be read any further",
                    extra={"position": error.position, "stream": error.stream},
                )
                await self._pause(str(error))
            except EventStoreUnavailable as error:
                log.warning("lost the event store and will reconnect", extra={"error": str(error)})
                await self._pause(str(error))
            except Exception as error:
                log.exception("could not follow the log and will reconnect")
                await self._pause(f"{type(error).__name__} while following the log")

    async def _follow(self) -> None:
        if not self._started:
            await self._start()
        if not self._settings.pushes:
            await self._poll()
        async with closing_early(self._store.subscribe_all(after=self.position)) as stream:
            async for item in stream:
                await self._take(item)
        raise StreamEnded

    async def _start(self) -> None:
        self.position = self._saved = await self._last_saved()
        if self._at_most is not None:
            self.position = min(self.position, self._at_most)
        self._started = True

    async def _last_saved(self) -> int:
        """The checkpoint's position, and none beyond the log's end; 0 if it is of another log."""
        saved = await self._checkpoints.load(_NAME)
        self._origin = await origin_of_log(self._store)
        if saved is None:
            return 0
        if saved.origin != self._origin:
            log.warning(
                "the watcher's checkpoint is of another log; it is made anew",
                extra={"position": saved.position},
            )
            return 0
        return min(saved.position, await self._store.head())

    async def _poll(self) -> None:
        while True:
            async with closing_early(self._store.read_all(after=self.position)) as stream:
                async for recorded in stream:
                    await self._take(recorded)
            await self._take(CaughtUp(position=self.position))
            await asyncio.sleep(self._settings.poll_interval)

    async def _take(self, item: RecordedEvent | CaughtUp) -> None:
        if isinstance(item, CaughtUp):
            self.caught_up = True
            self._behind_since = None
        elif not is_api_object_event(item.event):
            await self._publish(_changed(item))
        self.position = max(self.position, item.position)
        self.head = max(self.head, self.position)
        self.trouble = ""
        self._failures = 0
        self._last_seen = asyncio.get_running_loop().time()

    async def _pause(self, trouble: str) -> None:
        self.caught_up = False
        self.trouble = trouble
        self._failures += 1
        fraction = self._randomness.fraction()
        await asyncio.sleep(self._settings.backoff.delay(self._failures, fraction))

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(min(self._settings.poll_interval, _LONGEST_BETWEEN_SAVES))
            await self._save()
            await self._measure()

    async def _save(self) -> None:
        position = self.position
        if not self._started or position <= self._saved:
            return
        try:
            self._origin = self._origin or await origin_of_log(self._store)
            if self._origin is not None:
                checkpoint = Checkpoint(position=position, origin=self._origin)
                await self._checkpoints.save(_NAME, checkpoint)
                self._saved = position
        except EventStoreUnavailable as error:
            log.warning("the checkpoint could not be saved", extra={"error": str(error)})

    async def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        try:
            self.head = max(self.head, await self._store.head())
        except EventStoreUnavailable:
            self._behind_since = self._behind_since or now
            return
        if self.head > self.position:
            self._behind_since = self._behind_since or now
        else:
            self._behind_since = None
            self._last_seen = now


def _changed(recorded: RecordedEvent) -> LabInstanceChanged:
    event, position = recorded.event, recorded.position
    if isinstance(event, LabInstanceCreated):
        return LabInstanceChanged(key=event.lab, position=position, created=event.uid)
    return LabInstanceChanged(key=key_of(recorded.stream), position=position, created=None)
