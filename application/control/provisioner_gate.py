"""The one way to the provisioner for all loops: a time limit on every call, and the circuit
breaker in front of it. Decides nothing about labs."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from application.control.circuit_breaker import BreakerState, CircuitBreaker
from application.ports.clock import Clock
from application.ports.provisioner import (
    NoRoomToStart,
    Provisioner,
    ProvisionerError,
    ProvisionerUnavailable,
    Runtime,
    RuntimeRequest,
    SetAside,
)
from application.replicas.own_labs import NotOurs
from domain.lab_instance.observation import Observation

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTimeouts:
    """How long each kind of call may take, in seconds."""

    ensure: float
    observe: float
    list: float
    terminate: float
    probe: float


class BreakerOpen(ProvisionerUnavailable):
    """The provisioner was not asked: it failed too often. It may be tried at `retry_at`."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("it failed repeatedly and is left alone for a while")
        self.retry_at = retry_at


class CallTimedOut(ProvisionerError):
    """The provisioner gave no answer in time."""

    def __init__(self, call: str, seconds: float) -> None:
        self.call = call
        super().__init__(f"the provisioner's {call} gave no answer within {seconds:g} s")


class ProvisionerGate:
    """Calls the provisioner while it works. Every method raises BreakerOpen while it does
    not, CallTimedOut, and what the provisioner raises.

    What is about one runtime raises NotOurs where its lab is not `ours`: before the provisioner
    is asked, and when the lab was lost while it answered. ProvisionerUnavailable counts for the
    breaker; an answer, if only a refusal, speaks against opening it. A call that is not answered
    in time may be one lab's doing: so the provisioner is asked how it is, and the call counts
    only when that is not answered either.
    """

    def __init__(
        self,
        provisioner: Provisioner,
        *,
        breaker: CircuitBreaker,
        timeouts: CallTimeouts,
        clock: Clock,
        ours: Callable[[str], bool],
    ) -> None:
        self._provisioner = provisioner
        self._ours = ours
        self._timeouts = timeouts
        self._clock = clock
        self._trial: asyncio.Task[None] | None = None
        self._enquiry: asyncio.Task[bool] | None = None
        self._unanswered = 0
        self.breaker = breaker

    @property
    def in_service(self) -> bool:
        """Whether calls pass."""
        return self.breaker.state is BreakerState.CLOSED

    async def answers(self) -> bool:
        """Whether the provisioner itself answers, as found out because calls were not answered;
        waits for the answer while it is asked."""
        if self._enquiry is not None:
            return await asyncio.shield(self._enquiry)
        return self.in_service

    async def ensure(self, request: RuntimeRequest) -> None:
        """As the provisioner's."""
        limit = self._timeouts.ensure
        call = self._fenced(request.uid, lambda: self._provisioner.ensure(request))
        await self._call("ensure", limit, call)

    async def observe(self, uid: str) -> Observation:
        """As the provisioner's."""
        limit = self._timeouts.observe
        call = self._fenced(uid, lambda: self._provisioner.observe(uid))
        return await self._call("observe", limit, call)

    async def list(self) -> Sequence[Runtime]:
        """As the provisioner's, of everything."""
        return await self._call("list", self._timeouts.list, self._provisioner.list)

    async def list_only(self, uids: Collection[str]) -> Sequence[Runtime]:
        """As the provisioner's, of these."""
        return await self._call(
            "list", self._timeouts.list, lambda: self._provisioner.list(only=uids)
        )

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        """As the provisioner's."""
        limit = self._timeouts.terminate
        call = self._fenced(uid, lambda: self._provisioner.terminate(uid, keep_files=keep_files))
        return await self._call("terminate", limit, call)

    async def clear_away(self, uid: str, *, keep_files: bool) -> str:
        """Terminate what only this process can reach, whoever looks after the lab."""
        limit = self._timeouts.terminate
        return await self._call(
            "terminate", limit, lambda: self._provisioner.terminate(uid, keep_files=keep_files)
        )

    async def set_aside(self, uid: str) -> SetAside:
        """As the provisioner's, whoever looks after the lab: nobody knows it."""
        limit = self._timeouts.terminate
        return await self._call("set_aside", limit, lambda: self._provisioner.set_aside(uid))

    async def clear_aside(self) -> None:
        """As the provisioner's."""
        await self._call("clear_aside", self._timeouts.terminate, self._provisioner.clear_aside)

    async def close(self) -> None:
        """Give up what is being asked."""
        for asking in (self._trial, self._enquiry):
            if asking is not None:
                asking.cancel()
                await asyncio.wait([asking])

    async def _call(self, name: str, limit: float, call: Callable[[], Awaitable[T]]) -> T:
        await self._admit()
        try:
            answer = await _limited(name, limit, call)
        except NoRoomToStart:
            self.breaker.succeeded()  # what makes room must not be held up
            raise
        except ProvisionerUnavailable:
            self.breaker.failed(self._clock.now())
            raise
        except CallTimedOut:
            self._suspect()
            raise
        except ProvisionerError:
            self.breaker.succeeded()
            raise
        self.breaker.succeeded()
        return answer

    def _fenced(
        self, uid: str, call: Callable[[], Awaitable[T]]
    ) -> Callable[[], Coroutine[None, None, T]]:
        async def checked() -> T:
            self._check(uid)
            answer = await call()
            self._check(uid)
            return answer

        return checked

    def _check(self, uid: str) -> None:
        if not self._ours(uid):
            raise NotOurs(uid)

    async def _admit(self) -> None:
        """Raise BreakerOpen unless the breaker is closed or one trial, shared by all who come
        meanwhile, closes it."""
        if self.in_service:
            return
        if self.breaker.due_for_trial(self._clock.now()):
            if self._trial is None:
                self._trial = asyncio.create_task(self._try())
            await asyncio.shield(self._trial)
        if not self.in_service:
            raise BreakerOpen(self.breaker.retry_at or self._clock.now())

    def _suspect(self) -> None:
        self._unanswered += 1
        if self._enquiry is None:
            self._enquiry = asyncio.create_task(self._enquire())

    async def _enquire(self) -> bool:
        try:
            await _limited("probe", self._timeouts.probe, self._provisioner.probe)
        except Exception:  # noqa: BLE001  whatever goes wrong, it is not well
            for _ in range(self._unanswered):
                self.breaker.failed(self._clock.now())
            return False
        else:
            return True
        finally:
            self._unanswered = 0
            self._enquiry = None

    async def _try(self) -> None:
        try:
            await _limited("probe", self._timeouts.probe, self._provisioner.probe)
        except Exception:  # noqa: BLE001  whatever goes wrong, it is not in service
            self.breaker.trial_failed(self._clock.now())
        else:
            self.breaker.trial_succeeded()
        finally:
            self._trial = None


async def _limited(name: str, limit: float, call: Callable[[], Awaitable[T]]) -> T:
    scope = asyncio.timeout(limit)
    try:
        async with scope:
            return await call()
    except TimeoutError as error:
        if scope.expired():
            raise CallTimedOut(name, limit) from error
        raise
