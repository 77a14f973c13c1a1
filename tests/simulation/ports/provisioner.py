"""The Provisioner port of one process, over the network."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import TypeVar

from application.ports.provisioner import (
    Health,
    ProvisionerUnavailable,
    Runtime,
    RuntimeNotFound,
    RuntimeRequest,
    SetAside,
)
from domain.lab_instance.observation import Observation
from infrastructure.exit_hints import ExitHints
from tests.simulation.world.labs import LabMachine
from tests.simulation.world.network import Network, Peer, Unanswered

T = TypeVar("T")


class SimulatedLabs:
    """One machine for all replicas. Silence is silence: who asks has a time limit of its own.

    `before_call` is called with the uid that a call is about, just before it is sent.
    """

    name = "simulated"
    shared = True

    def __init__(
        self,
        machine: LabMachine,
        network: Network,
        *,
        before_call: Callable[[str], None],
    ) -> None:
        self._machine = machine
        self._network = network
        self._before_call = before_call
        self._hints = ExitHints()
        machine.hints.append(self._hints.add)

    async def ensure(self, request: RuntimeRequest) -> None:
        self._before_call(request.uid)
        await self._ask(
            lambda: self._machine.ensure(request, again=self._network.repeating), repeatable=True
        )

    async def observe(self, uid: str) -> Observation:
        self._before_call(uid)
        return await self._ask(lambda: self._machine.observe(uid))

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        found = await self._ask(self._machine.list)
        return [one for one in found if only is None or one.uid in only]

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        return await self._ask(lambda: self._machine.terminate(uid, keep_files=keep_files))

    async def set_aside(self, uid: str) -> SetAside:
        return await self._ask(lambda: self._machine.set_aside(uid))

    async def clear_aside(self) -> None:
        await self._ask(lambda: None)

    async def logs(self, uid: str, *, tail: int) -> str:
        raise RuntimeNotFound(uid)

    async def access(self, uid: str) -> str:
        raise RuntimeNotFound(uid)

    async def probe(self) -> Health:
        if self._machine.real.faults.outage:
            raise ProvisionerUnavailable(self._machine.real.faults.outage)
        return await self._ask(lambda: Health(isolation="simulated", message=""))

    def exits(self) -> AsyncIterator[str]:
        return self._hints

    async def close(self) -> None:
        return

    async def _ask(self, effect: Callable[[], T], *, repeatable: bool = False) -> T:
        try:
            return await self._network.call(
                Peer.LABS, effect, patience=None, repeatable=repeatable
            )
        except Unanswered:
            raise ProvisionerUnavailable("refused") from None
