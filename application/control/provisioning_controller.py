"""The controller of labs that run or shall run: pending, provisioning (first attempts,
retries, restarts and repairs) and ready (drift, end of time)."""

from datetime import datetime, timedelta
from typing import assert_never

from application.control.controller import RELOAD, LookAgainAt, Turn
from application.control.permits import Permits
from application.control.policy_now import PolicyNow
from application.control.provisioner_gate import BreakerOpen, CallTimedOut, ProvisionerGate
from application.control.start_backoff import StartBackoff
from application.mediator.sender import CommandSender
from application.ports.event_store import RecordedEvent
from application.ports.provisioner import (
    NoRoomToStart,
    ProvisionerUnavailable,
    RuntimeRefused,
    RuntimeRequest,
)
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.control_commands import (
    ExpireLabInstance,
    PostponeProvisioning,
    RecordProvisioningFailure,
    StartProvisioning,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from domain.lab_instance.steps import (
    LookAgain,
    RemoveRuntime,
    Send,
    Settled,
    StartRuntime,
    Step,
    StopRuntime,
    WaitUntil,
)

OWNED_STATES = (LabState.PENDING, LabState.PROVISIONING, LabState.READY)

_SOONEST = timedelta(milliseconds=50)
_LATEST = timedelta(milliseconds=500)


class ProvisioningController:
    """Implements StateController for OWNED_STATES.

    A lab holds a permit from just before its attempt begins until it is ready, has failed or
    is postponed. While the provisioner is out of service, labs are postponed, never blamed.
    """

    def __init__(
        self,
        gate: ProvisionerGate,
        sender: CommandSender,
        *,
        permits: Permits,
        rests: StartBackoff,
        policy_now: PolicyNow,
    ) -> None:
        self._gate = gate
        self._sender = sender
        self._permits = permits
        self._rests = rests
        self._policy_now = policy_now

    async def take_step(self, lab: LabInstance, cause: RecordedEvent | None) -> Turn:
        """Look at the runtime and take the step that the policy calls for."""
        if lab.attempt_deadline is not None:
            self._permits.hold(lab.key)
        elif lab.state is LabState.READY:
            self._permits.release(lab.key)
        expiry = self._policy_now.corrective(lab)
        if isinstance(expiry, ExpireLabInstance):  # needs no look at the world
            return await self._send(lab, expiry, cause)
        try:
            return await self._carry_out(lab, await self._next_step(lab), cause)
        except BreakerOpen as out_of_service:
            await self._postpone(lab, out_of_service, cause)
            return LookAgainAt(_earliest(out_of_service.retry_at, lab.expires_at))
        except NoRoomToStart as full:
            await self._postpone(lab, full, cause)
            rest = timedelta(seconds=self._rests.left(lab.key))
            return LookAgainAt(_earliest(self._policy_now.clock.now() + rest, lab.expires_at))
        except ProvisionerUnavailable as out_of_service:
            await self._postpone(lab, out_of_service, cause)
            raise

    async def _next_step(self, lab: LabInstance) -> Step:
        return self._policy_now.next_step(lab, await self._gate.observe(lab.uid))

    async def _carry_out(self, lab: LabInstance, step: Step, cause: RecordedEvent | None) -> Turn:
        match step:
            case Send(command=StartProvisioning() as start):
                return await self._begin(lab, start, cause)
            case StartRuntime(revision=revision):
                return await self._start_runtime(lab, revision, cause)
            case LookAgain(deadline=deadline):
                return LookAgainAt(self._soon(lab, deadline))
            case Send(command=command):
                return await self._send(lab, command, cause)
            case WaitUntil(at=at):
                self._permits.release(lab.key)
                return LookAgainAt(at)
            case Settled():
                self._permits.release(lab.key)
                return None
            case StopRuntime() | RemoveRuntime():
                await self._gate.terminate(lab.uid, keep_files=isinstance(step, StopRuntime))
                return RELOAD
            case _:
                assert_never(step)

    async def _begin(
        self, lab: LabInstance, start: StartProvisioning, cause: RecordedEvent | None
    ) -> Turn:
        rest = self._rests.left(lab.key)
        if rest > 0:
            self._permits.release(lab.key)
            return LookAgainAt(self._policy_now.clock.now() + timedelta(seconds=rest))
        if not self._permits.acquire(lab.key):
            return None
        return await self._send(lab, start, cause)

    async def _start_runtime(
        self, lab: LabInstance, revision: int, cause: RecordedEvent | None
    ) -> Turn:
        request = RuntimeRequest(
            lab=lab.key,
            uid=lab.uid,
            revision=revision,
            template=lab.spec.template,
            environment=lab.spec.environment,
            position=0 if cause is None else cause.position,
        )
        try:
            await self._ensure(request)
        except RuntimeRefused as refused:
            return await self._send(lab, self._failure(lab, revision, refused), cause)
        except CallTimedOut as late:
            if not await self._gate.answers():  # it hangs for all: this lab is not to blame
                raise BreakerOpen(
                    self._gate.breaker.retry_at or self._policy_now.clock.now()
                ) from late
            timeout = RuntimeRefused("ProvisionerTimeout", str(late), permanent=False)
            return await self._send(lab, self._failure(lab, revision, timeout), cause)
        match await self._gate.observe(lab.uid):
            case Running(revision=seen) if seen == revision:
                return RELOAD
        return LookAgainAt(self._policy_now.clock.now() + _SOONEST)

    async def _ensure(self, request: RuntimeRequest) -> None:
        try:
            await self._gate.ensure(request)
        except BreakerOpen:
            raise  # the breaker says when to try again
        except ProvisionerUnavailable:
            self._rests.failed(request.lab)
            raise
        self._rests.over(request.lab)

    async def _send(
        self, lab: LabInstance, command: LabInstanceCommand, cause: RecordedEvent | None
    ) -> Turn:
        outcome = await self._sender.send(command, cause=cause, story=lab.uid)
        if outcome.changed:
            return RELOAD
        return LookAgainAt(self._policy_now.clock.now() + _LATEST)  # somebody else was first

    async def _postpone(
        self, lab: LabInstance, trouble: ProvisionerUnavailable, cause: RecordedEvent | None
    ) -> None:
        if lab.state is LabState.READY:
            return
        if not lab.postponed:
            command = PostponeProvisioning(
                lab=lab.key, uid=lab.uid, reason=trouble.word, message=str(trouble)
            )
            await self._sender.send(command, cause=cause, story=lab.uid)
        self._permits.release(lab.key)

    def _failure(
        self, lab: LabInstance, revision: int, refused: RuntimeRefused
    ) -> RecordProvisioningFailure:
        return RecordProvisioningFailure(
            lab=lab.key,
            uid=lab.uid,
            revision=revision,
            reason=refused.reason,
            message=refused.message,
            permanent=refused.permanent,
            retry=self._policy_now.limits.retry,
            jitter=self._policy_now.randomness.fraction(),
        )

    def _soon(self, lab: LabInstance, deadline: datetime) -> datetime:
        """Often at first, then less and less; not past a deadline that is yet to come."""
        now = self._policy_now.clock.now()
        pause = _LATEST
        if lab.attempt_deadline is not None:
            begun = lab.attempt_deadline - self._policy_now.limits.provisioning_timeout
            pause = min(max(abs(now - begun) / 8, _SOONEST), _LATEST)
        return min(now + pause, max(deadline, now + _SOONEST))


def _earliest(first: datetime, second: datetime | None) -> datetime:
    return first if second is None else min(first, second)
