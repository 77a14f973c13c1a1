"""Waiting, with a bound, for what a provisioner should come to see."""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

from application.ports.provisioner import Provisioner, RuntimeRequest
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Ended, Observation, Running


def request(
    uid: str = "uid-1",
    *,
    revision: int = 1,
    template: str = "static",
    environment: Mapping[str, str] = MappingProxyType({}),
) -> RuntimeRequest:
    """A request for a runtime of the lab `class/<uid>`."""
    return RuntimeRequest(
        lab=LabKey("class", uid),
        uid=uid,
        revision=revision,
        template=template,
        environment=environment,
    )


async def until(
    provisioner: Provisioner,
    uid: str,
    wanted: Callable[[Observation], bool],
    *,
    seconds: float = 20.0,
) -> Observation:
    """The first observation that is wanted."""
    async with asyncio.timeout(seconds):
        while True:
            seen = await provisioner.observe(uid)
            if wanted(seen):
                return seen
            await asyncio.sleep(0.02)


async def running(provisioner: Provisioner, uid: str, *, seconds: float = 20.0) -> Running:
    """The runtime once it runs; fails at once when it ended instead."""
    seen = await until(
        provisioner, uid, lambda one: isinstance(one, Running | Ended), seconds=seconds
    )
    assert isinstance(seen, Running), seen
    return seen


async def ended(provisioner: Provisioner, uid: str, *, seconds: float = 20.0) -> Ended:
    """The runtime once it has ended."""
    seen = await until(provisioner, uid, lambda one: isinstance(one, Ended), seconds=seconds)
    assert isinstance(seen, Ended)
    return seen
