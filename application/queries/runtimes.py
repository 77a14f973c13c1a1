"""Answers that only the provisioner knows: what a lab wrote, and the way into it."""

import asyncio

from application.loading import load
from application.ports.event_store import EventStore
from application.ports.provisioner import Provisioner, ProvisionerUnavailable
from application.queries.questions import GetAccessLink, GetLogs
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


class RuntimeQueries:
    """Answers GetLogs and GetAccessLink, each within `patience` seconds."""

    def __init__(self, store: EventStore, provisioner: Provisioner, *, patience: float) -> None:
        self._store = store
        self._provisioner = provisioner
        self._patience = patience

    async def logs(self, question: GetLogs) -> str:
        """Raises LabInstanceNotFound, RuntimeNotFound, ProvisionerUnavailable."""
        uid = await self._uid(question.key)
        try:
            async with asyncio.timeout(self._patience):
                return await self._provisioner.logs(uid, tail=question.tail)
        except TimeoutError:
            raise ProvisionerUnavailable("it did not answer in time") from None

    async def access(self, question: GetAccessLink) -> str:
        """Raises LabInstanceNotFound, RuntimeNotFound, ProvisionerUnavailable."""
        uid = await self._uid(question.key)
        try:
            async with asyncio.timeout(self._patience):
                return await self._provisioner.access(uid)
        except TimeoutError:
            raise ProvisionerUnavailable("it did not answer in time") from None

    async def _uid(self, key: LabKey) -> str:
        view = (await load(self._store, key)).view
        if view is None or view.lab.state is LabState.DELETED:
            raise LabInstanceNotFound(key.namespace, key.name)
        return view.lab.uid
