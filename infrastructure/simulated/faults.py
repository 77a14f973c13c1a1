"""The troubles that a test or a demonstration can switch on in the simulated provisioner."""

import asyncio

from application.ports.provisioner import ProvisionerUnavailable, RuntimeRefused
from domain.lab_instance.key import LabKey


class Faults:
    """What is wrong at present; at first nothing.

    `outage`: when not empty, every call raises ProvisionerUnavailable with this reason.
    `refusal`: when set, every start is refused with it.
    `survivors`: uids that no termination removes.
    `doomed`: labs whose starts all fail. `delays`: labs that need other than the usual
    seconds to be ready.
    """

    def __init__(self) -> None:
        self.outage = ""
        self.refusal: RuntimeRefused | None = None
        self.survivors: set[str] = set()
        self.doomed: set[LabKey] = set()
        self.delays: dict[LabKey, float] = {}
        self._flowing = asyncio.Event()
        self._flowing.set()

    def hang(self) -> None:
        """From now on no call comes back, until `resume`."""
        self._flowing.clear()

    def resume(self) -> None:
        """Let every call that hangs go on."""
        self._flowing.set()

    async def strike(self) -> None:
        """Suffer the present faults; called first by every method."""
        await self._flowing.wait()
        if self.outage:
            raise ProvisionerUnavailable(self.outage)
