"""A provisioner that is measured while another one does the work."""

from collections.abc import Awaitable, Collection, Sequence
from time import perf_counter
from typing import TypeVar

from application.ports.provisioner import (
    Health,
    Provisioner,
    ProvisionerUnavailable,
    Runtime,
    RuntimeRequest,
    SetAside,
)
from domain.lab_instance.observation import Observation
from infrastructure.telemetry.metrics import Metrics

Answer = TypeVar("Answer")


class MeasuredProvisioner:
    """The Provisioner port over another one; every call is timed by its outcome: ok,
    unavailable, failed, or abandoned when the caller's time limit ended it."""

    def __init__(self, inner: Provisioner, metrics: Metrics) -> None:
        self.name = inner.name
        self.shared = inner.shared
        self._inner = inner
        self._metrics = metrics
        self.exits = inner.exits
        self.close = inner.close

    async def ensure(self, request: RuntimeRequest) -> None:
        await self._timed("ensure", self._inner.ensure(request))

    async def observe(self, uid: str) -> Observation:
        return await self._timed("observe", self._inner.observe(uid))

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        listing = self._inner.list() if only is None else self._inner.list(only=only)
        return await self._timed("list", listing)

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        return await self._timed("terminate", self._inner.terminate(uid, keep_files=keep_files))

    async def set_aside(self, uid: str) -> SetAside:
        return await self._timed("set_aside", self._inner.set_aside(uid))

    async def clear_aside(self) -> None:
        await self._timed("clear_aside", self._inner.clear_aside())

    async def logs(self, uid: str, *, tail: int) -> str:
        return await self._timed("logs", self._inner.logs(uid, tail=tail))

    async def access(self, uid: str) -> str:
        return await self._timed("access", self._inner.access(uid))

    async def probe(self) -> Health:
        return await self._timed("probe", self._inner.probe())

    async def _timed(self, call: str, answer: Awaitable[Answer]) -> Answer:
        started = perf_counter()
        outcome = "abandoned"
        try:
            result = await answer
        except ProvisionerUnavailable:
            outcome = "unavailable"
            raise
        except Exception:
            outcome = "failed"
            raise
        else:
            outcome = "ok"
            return result
        finally:
            spent = perf_counter() - started
            self._metrics.provisioner_seconds.labels(call, outcome).observe(spent)
