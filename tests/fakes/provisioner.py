"""Simulated provisioners that tell less, or later, than they could."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from application.ports.provisioner import Runtime
from infrastructure.simulated.provisioner import SimulatedProvisioner


class Mute(SimulatedProvisioner):
    """Gives no hints."""

    def exits(self) -> AsyncIterator[str]:
        return _silence()


class SlowLists(Mute):
    """Its lists are old when they arrive."""

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        found = await super().list(only=only)
        await asyncio.sleep(0.3)
        return found


async def _silence() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""
