"""Answers that only the provisioner knows: what a lab wrote, and the way into it."""

import asyncio
from collections.abc import Awaitable, Callable

from application.event_log.labs import LABS, stream_of
from application.event_log.loading import load
from application.mediator.mediator import Mediator
from application.mediator.questions import GetAccessLink, GetLogs
from application.mediator.sender import agent_of
from application.ports.event_store import EventStore
from application.ports.provisioner import (
    Provisioner,
    ProvisionerUnavailable,
    RuntimeNotFound,
)
from domain.errors import LabInstanceNotFound
from domain.lab_instance.events import LabInstanceCreated, ProvisioningStarted
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


class RuntimeElsewhere(RuntimeNotFound):
    """The lab runs where only another replica reaches it."""

    def __init__(self, uid: str, replica: str) -> None:
        super().__init__(uid)
        self.replica = replica

    def __str__(self) -> str:
        return f"the lab was brought up by {self.replica}, and only that one reaches it: ask there"


class RuntimeQueries:
    """Answers GetLogs and GetAccessLink, each within `patience` seconds, where `replica` is
    the name of the one that is asked."""

    def __init__(
        self, store: EventStore, provisioner: Provisioner, *, replica: str, patience: float
    ) -> None:
        self._store = store
        self._provisioner = provisioner
        self._agent = agent_of(replica)
        self._patience = patience

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetLogs, self.logs)
        mediator.on_query(GetAccessLink, self.access)

    async def logs(self, question: GetLogs) -> str:
        """Raises LabInstanceNotFound, RuntimeNotFound, ProvisionerUnavailable."""
        return await self._answer(
            question.key, lambda uid: self._provisioner.logs(uid, tail=question.tail)
        )

    async def access(self, question: GetAccessLink) -> str:
        """Raises LabInstanceNotFound, RuntimeNotFound, ProvisionerUnavailable."""
        return await self._answer(question.key, self._provisioner.access)

    async def _answer(self, key: LabKey, ask: Callable[[str], Awaitable[str]]) -> str:
        uid = await self._uid(key)
        try:
            async with asyncio.timeout(self._patience):
                return await ask(uid)
        except TimeoutError:
            raise ProvisionerUnavailable("it did not answer in time") from None
        except RuntimeNotFound:
            agent = "" if self._provisioner.shared else await self._brought_up_by(key)
            if agent and agent != self._agent:
                raise RuntimeElsewhere(uid, agent) from None
            raise

    async def _brought_up_by(self, key: LabKey) -> str:
        async for recorded in self._store.read_stream(stream_of(key), backwards=True):
            if isinstance(recorded.event, LabInstanceCreated):
                return ""
            if isinstance(recorded.event, ProvisioningStarted):
                return recorded.metadata.get("userAgent", "")
        return ""

    async def _uid(self, key: LabKey) -> str:
        view = (await load(LABS, self._store, key)).view
        if view is None or view.lab.state is LabState.DELETED:
            raise LabInstanceNotFound(key.namespace, key.name)
        return view.lab.uid
