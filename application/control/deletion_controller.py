"""The controller of labs on their way out: deleting, failed (what runs is stopped), and
deleted (what an abandoned lab left behind is removed)."""

from typing import assert_never

from application.control.controller import LookAgainAt, Turn
from application.control.permits import Permits
from application.control.policy_now import PolicyNow
from application.control.provisioner_gate import BreakerOpen, ProvisionerGate
from application.mediator.sender import CommandSender
from application.ports.event_store import RecordedEvent
from application.ports.provisioner import ProvisionerError, ProvisionerUnavailable
from domain.lab_instance.commands import CompleteDeletion
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Absent, Ended, Observation
from domain.lab_instance.removal_commands import RecordDeletionFailure, RecordOrphanTermination
from domain.lab_instance.status import LabState
from domain.lab_instance.steps import (
    LookAgain,
    RemoveRuntime,
    Send,
    Settled,
    StartRuntime,
    StopRuntime,
    WaitUntil,
)

OWNED_STATES = (LabState.DELETING, LabState.FAILED, LabState.DELETED)


class StepOutOfPlace(Exception):
    """The policy asked for a step that does not belong to the lab's state: a bug."""

    def __init__(self, state: LabState, step: object) -> None:
        super().__init__(f"a lab that is {state.value} cannot take the step {step!r}")


class DeletionController:
    """Implements StateController for OWNED_STATES."""

    def __init__(
        self,
        gate: ProvisionerGate,
        sender: CommandSender,
        *,
        permits: Permits,
        policy_now: PolicyNow,
    ) -> None:
        self._gate = gate
        self._sender = sender
        self._permits = permits
        self._policy_now = policy_now

    async def take_step(self, lab: LabInstance, cause: RecordedEvent | None) -> Turn:
        """Stop or remove what runs, and record the proof."""
        self._permits.release(lab.key)
        try:
            if lab.state is LabState.DELETED:
                return await self._clear_leftovers(lab, cause)
            return await self._release(lab, cause)
        except BreakerOpen as out_of_service:
            return LookAgainAt(out_of_service.retry_at)

    async def _release(self, lab: LabInstance, cause: RecordedEvent | None) -> Turn:
        step = self._policy_now.next_step(lab, await self._seen(lab))
        match step:
            case RemoveRuntime():
                proof = await self._remove(lab, cause)
                command = CompleteDeletion(lab=lab.key, uid=lab.uid, proof=proof)
                await self._sender.send(command, cause=cause, story=lab.uid)
                return None
            case StopRuntime():
                await self._gate.terminate(lab.uid, keep_files=True)
                return None
            case Settled():
                return None
            case Send() | StartRuntime() | LookAgain() | WaitUntil():
                raise StepOutOfPlace(lab.state, step)
            case _:
                assert_never(step)

    async def _seen(self, lab: LabInstance) -> Observation:
        """What is there of the lab. That it cannot be seen keeps nobody from ending it."""
        try:
            return await self._gate.observe(lab.uid)
        except ProvisionerUnavailable:
            raise
        except ProvisionerError as trouble:
            return Ended(revision=lab.revision, reason="NotSeen", message=str(trouble))

    async def _remove(self, lab: LabInstance, cause: RecordedEvent | None) -> str:
        """Remove everything of the lab; what is in the way is told in its status."""
        try:
            return await self._gate.terminate(lab.uid, keep_files=False)
        except ProvisionerUnavailable:
            raise
        except ProvisionerError as trouble:
            command = RecordDeletionFailure(
                lab=lab.key, uid=lab.uid, reason="RemovalFailed", message=str(trouble)
            )
            await self._sender.send(command, cause=cause, story=lab.uid)
            raise

    async def _clear_leftovers(self, lab: LabInstance, cause: RecordedEvent | None) -> Turn:
        if isinstance(await self._gate.observe(lab.uid), Absent):
            return None
        proof = await self._gate.terminate(lab.uid, keep_files=False)
        command = RecordOrphanTermination(lab=lab.key, uid=lab.uid, proof=proof)
        await self._sender.send(command, cause=cause, story=lab.uid)
        return None
