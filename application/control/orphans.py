"""Runtimes that no lab owns: heard of from the reconciler, confirmed, removed, recorded."""

import logging
from collections.abc import Callable

from application.control.provisioner_gate import ProvisionerGate
from application.event_log.labs import LABS
from application.event_log.loading import load
from application.mediator.notifications import OrphanFound
from application.mediator.sender import CommandSender
from application.ports.event_store import EventStore
from application.ports.provisioner import ProvisionerError
from application.replicas.own_labs import OwnLabs
from domain.lab_instance.key import LabKey
from domain.lab_instance.removal_commands import RecordOrphanTermination
from domain.lab_instance.status import LabState

log = logging.getLogger(__name__)


class Orphans:
    """The orphans heard of and not yet removed.

    One that cannot be removed now is dropped: the reconciler will find it again.
    """

    def __init__(
        self,
        store: EventStore,
        gate: ProvisionerGate,
        sender: CommandSender,
        *,
        own: OwnLabs,
        wake: Callable[[LabKey], None],
    ) -> None:
        self._store = store
        self._gate = gate
        self._sender = sender
        self._own = own
        self._wake = wake
        self._found: dict[LabKey, set[str]] = {}

    async def heard_of(self, orphan: OrphanFound) -> None:
        """Take note, and have the lab of that name worked on."""
        self._found.setdefault(orphan.lab, set()).add(orphan.uid)
        self._wake(orphan.lab)

    async def remove(self, key: LabKey) -> None:
        """Remove the orphans under this name that still are orphans, as far as it is up to this
        replica. Of a lab that has begun anew elsewhere, the files stay until it is deleted."""
        for uid in sorted(self._found.pop(key, ())):
            owned = await is_owned(self._store, key, uid)
            if not owned and self._own.in_reach_of_us_alone(uid):
                await self._terminate(key, uid)
            elif owned and self._own.lost(uid):
                await self._gate.clear_away(uid, keep_files=True)

    async def _terminate(self, key: LabKey, uid: str) -> None:
        try:
            proof = await self._gate.clear_away(uid, keep_files=False)
        except ProvisionerError as error:
            log.warning(
                "an orphan could not be removed",
                extra={"lab": str(key), "uid": uid, "error": str(error)},
            )
            return
        if not key.name:  # nothing that this service wrote says whose it was
            log.warning("a nameless orphan was removed", extra={"uid": uid, "proof": proof})
            return
        command = RecordOrphanTermination(lab=key, uid=uid, proof=proof)
        await self._sender.send(command, cause=None, story=uid)


async def is_owned(store: EventStore, key: LabKey, uid: str) -> bool:
    """Whether a lab that is not deleted owns the runtime, as its stream tells it."""
    view = (await load(LABS, store, key)).view
    return view is not None and view.lab.uid == uid and view.lab.state is not LabState.DELETED
