"""Runtimes that no lab owns: heard of from the reconciler, confirmed, ended, recorded."""

import logging
from collections.abc import Awaitable, Callable
from typing import assert_never

from application.control.ownership import Ownership
from application.control.provisioner_gate import ProvisionerGate
from application.control.unknown_runtimes import UnknownRuntimes
from application.mediator.notifications import OrphanFound
from application.mediator.sender import CommandSender
from application.ports.provisioner import ProvisionerError
from application.replicas.own_labs import OwnLabs
from domain.lab_instance.commands import RecordOrphanTermination
from domain.lab_instance.key import LabKey

log = logging.getLogger(__name__)


AskOwnership = Callable[[LabKey, str], Awaitable[Ownership]]
"""What the log says of a uid under that name. Raises what the store raises."""


class Orphans:
    """The orphans heard of and not yet ended.

    One that cannot be ended now is dropped: the reconciler will find it again.
    """

    def __init__(
        self,
        ownership: AskOwnership,
        gate: ProvisionerGate,
        sender: CommandSender,
        unknown: UnknownRuntimes,
        *,
        own: OwnLabs,
        wake: Callable[[LabKey], None],
    ) -> None:
        self._ownership = ownership
        self._gate = gate
        self._sender = sender
        self._unknown = unknown
        self._own = own
        self._wake = wake
        self._found: dict[LabKey, set[str]] = {}

    async def heard_of(self, orphan: OrphanFound) -> None:
        """Take note, and have the lab of that name worked on."""
        self._found.setdefault(orphan.lab, set()).add(orphan.uid)
        self._wake(orphan.lab)

    async def end(self, key: LabKey) -> None:
        """End the orphans under this name that still are orphans by the log, as far as it is
        up to this replica: what is left of a lab that has ended is removed, what is unknown is
        set aside if its time has come. Of a lab that has begun anew elsewhere, the files stay."""
        for uid in sorted(self._found.pop(key, ())):
            ownership = await self._ownership(key, uid)
            match ownership:
                case Ownership.OWNED:
                    if self._own.lost(uid):
                        await self._gate.clear_away(uid, keep_files=True)
                case Ownership.ENDED | Ownership.UNKNOWN:
                    if self._own.in_reach_of_us_alone(uid):
                        await self._end(key, uid, ownership)
                case _:
                    assert_never(ownership)

    async def _end(self, key: LabKey, uid: str, ownership: Ownership) -> None:
        try:
            if ownership is Ownership.ENDED:
                proof = await self._gate.clear_away(uid, keep_files=False)
            elif self._unknown.may_be_set_aside(uid):
                proof = await self._set_aside(key, uid)
            else:
                return
        except ProvisionerError as error:
            log.warning(
                "an orphan could not be ended",
                extra={"lab": str(key), "uid": uid, "error": str(error)},
            )
            return
        if not key.name:  # nothing that this service wrote says whose it was
            log.warning("a nameless orphan was ended", extra={"uid": uid, "proof": proof})
            return
        command = RecordOrphanTermination(lab=key, uid=uid, proof=proof)
        await self._sender.send(command, cause=None, story=uid)

    async def _set_aside(self, key: LabKey, uid: str) -> str:
        aside = await self._gate.set_aside(uid)
        told = {"lab": str(key), "uid": uid, "place": aside.place or "it had no files"}
        log.warning("a lab that the log does not know was ended and set aside", extra=told)
        self._unknown.gone(uid)
        return aside.proof
