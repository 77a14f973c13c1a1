"""Whether the service can do its work, asked of its parts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.control.assembly import Control
from application.control.supervisor import Supervisor
from application.event_log.progress import Progress
from application.ports.event_store import EventStore, EventStoreError
from application.ports.provisioner import Health, Provisioner, ProvisionerError
from application.ports.read_model import ReadModel, ReadModelUnavailable
from application.projections.view_writer import ViewWriter
from application.service import Check
from infrastructure.wiring.proving import Proving
from infrastructure.wiring.stores import TryWriting

_PATIENCE = 2.0
_HEALTH_IS_FRESH = 10.0
_WRITING_IS_FRESH = 5.0
_CLOCKS_DIFFER = timedelta(minutes=1)


class Notice(str):
    """A trouble that concerns single labs: the service can do its work."""

    __slots__ = ()


class Alarm(Notice):
    """A notice that must be seen: a person has to decide."""

    __slots__ = ()


Troubles = Callable[[], Sequence[str]]
"""Says in words what keeps some loops from working; nothing when they work."""


@dataclass(frozen=True, kw_only=True)
class Reports:
    """What the parts report by themselves: loops that do not work, appends that failed of
    views that cannot be read, and how far the log's times are ahead of the clock."""

    loops: Troubles
    appends: Troubles
    unreadable: Troubles
    ahead: Callable[[], Awaitable[timedelta]]


class ReadinessChecks:
    """Asks the stores, the loops and the provisioner. Each answer comes within seconds.

    What `loops` says makes the service unready, save for notices: they are only reported.
    """

    def __init__(
        self,
        *,
        store: EventStore,
        read_model: ReadModel,
        provisioner: Provisioner,
        try_writing: TryWriting,
        projected: Progress,
        reports: Reports,
    ) -> None:
        self._store = store
        self._read_model = read_model
        self._provisioner = provisioner
        self._try_writing = try_writing
        self._projected = projected
        self._reports = reports
        self._health: Check | None = None
        self._asked_at = 0.0
        self._trusted_until = 0.0

    async def checks(self) -> Sequence[Check]:
        """Every check, in the order in which they are shown."""
        (head, store), (_, read_model) = await asyncio.gather(
            _works("event-store", self._store.head),
            _works("read-model", self._read_model.position),
        )
        writing, projection, provisioning = await asyncio.gather(
            self._writing(), self._projection(head), self._provisioning()
        )
        views = self._with_unreadable(read_model)
        known = (store, views, writing, projection, self._control(), provisioning)
        return (*known, *await self._clock())

    def _with_unreadable(self, check: Check) -> Check:
        """A view that cannot be read is the trouble of its subject, not the service's."""
        unreadable = self._reports.unreadable()
        if not unreadable:
            return check
        left_out = f"views that cannot be read are made anew: {', '.join(unreadable)}"
        return Check(name=check.name, ok=check.ok, message=f"{check.message}; {left_out}")

    async def _writing(self) -> Check:
        """Whether what happens can be kept: a full disk can still be read. A success is believed
        for a while, a failure is not."""
        if failures := self._reports.appends():
            return Check(name="writing", ok=False, message="; ".join(failures))
        now = asyncio.get_running_loop().time()
        if now < self._trusted_until:
            return Check(name="writing", ok=True, message="")
        if trouble := await _trouble_of(self._try_writing):
            return Check(name="writing", ok=False, message=trouble)
        self._trusted_until = now + _WRITING_IS_FRESH
        return Check(name="writing", ok=True, message="")

    async def _projection(self, wanted: int) -> Check:
        reached = await self._projected.reached(wanted, within=_PATIENCE)
        behind = wanted - self._projected.position
        late = f"the views are {behind} positions behind"
        if hindrance := self._projected.hindrance or self._projected.hearsay:
            late = f"{late}: {hindrance}"
        message = "" if reached else late
        return Check(name="projection", ok=reached, message=message)

    async def _clock(self) -> Sequence[Check]:
        """A check only where there is something to say; it takes nothing from being ready."""
        try:
            ahead = await self._reports.ahead()
        except ReadModelUnavailable:  # told by its own check
            return ()
        if ahead < _CLOCKS_DIFFER:
            return ()
        message = (
            f"the log has times that are up to {ahead} ahead of the clock: it was ahead when they "
            "were written, or is behind now"
        )
        return (Check(name="clock", ok=True, message=message),)

    def _control(self) -> Check:
        loops = self._reports.loops()
        ok = all(isinstance(one, Notice) for one in loops)
        warns = any(isinstance(one, Alarm) for one in loops)
        return Check(name="control", ok=ok, message="; ".join(loops), warns=warns)

    async def _provisioning(self) -> Check:
        now = asyncio.get_running_loop().time()
        if self._health is None or now - self._asked_at > _HEALTH_IS_FRESH:
            self._health = await self._probed()
            self._asked_at = now
        return self._health

    async def _probed(self) -> Check:
        # Labs that wait for the provisioner are kept and reported, so the service stays in
        # rotation without it: the message says what is wrong.
        try:
            async with asyncio.timeout(_PATIENCE):
                health: Health = await self._provisioner.probe()
        except (ProvisionerError, TimeoutError) as error:
            message = str(error) or "no answer from the provisioner"
            return Check(name="provisioner", ok=True, message=message)
        level = f"isolation: {health.isolation}"
        message = f"{level} ({health.message})" if health.message else level
        warns = health.exposed or health.full
        return Check(name="provisioner", ok=True, message=message, warns=warns)


async def _works(name: str, asked: Callable[[], Awaitable[int]]) -> tuple[int, Check]:
    """The position it is at, 0 when it does not answer; and whether it answers."""
    position = 0

    async def ask() -> None:
        nonlocal position
        position = await asked()

    trouble = await _trouble_of(ask)
    return position, Check(name=name, ok=not trouble, message=trouble or f"at position {position}")


async def _trouble_of(work: Callable[[], Awaitable[object]]) -> str:
    """What keeps a store from it, in words; empty when it is done."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await work()
    except (EventStoreError, ReadModelUnavailable) as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {_PATIENCE:g} s"
    return ""


def troubles_of(
    projection: ViewWriter, supervisor: Supervisor, control: Control, proving: Proving
) -> Sequence[str]:
    """What keeps the projection and the loops from working, in words, and what they have noticed
    while they work."""
    loops = [f"{name}: {trouble}" for name, trouble in supervisor.troubles.items()]
    return (
        *loops,
        *filter(None, [projection.keeper.trouble]),
        *control.troubles,
        *map(Notice, control.notices),
        *map(Alarm, control.alarms),
        *map(Notice, proving.notices()),
    )
