"""Simulated provisioners that tell less, or later, than they could."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from application.ports.provisioner import Runtime, RuntimeRefused, RuntimeRequest
from domain.lab_instance.observation import Absent, Ended, Observation
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


class Overfull(SimulatedProvisioner):
    """One whose labs may take too much of the disk: those are seen as ended, and refused."""

    over: frozenset[str] = frozenset()

    def fill(self, uid: str) -> None:
        """Let this lab take too much, and hint at it."""
        self.over = self.over | {uid}
        self._exits.add(uid)

    async def ensure(self, request: RuntimeRequest) -> None:
        if request.uid in self.over:
            raise RuntimeRefused("DiskLimitExceeded", "its files are too many", permanent=True)
        await super().ensure(request)

    async def observe(self, uid: str) -> Observation:
        seen = await super().observe(uid)
        if uid not in self.over or isinstance(seen, Absent):
            return seen
        return Ended(
            revision=seen.revision, reason="DiskLimitExceeded", message="its files are too many"
        )


async def _silence() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""
