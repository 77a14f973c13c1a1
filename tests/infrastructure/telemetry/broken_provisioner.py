"""A provisioner that is out of service, but for its list."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import NoReturn

from application.ports.provisioner import ProvisionerUnavailable, Runtime, RuntimeRequest


class BrokenProvisioner:
    """Knows no runtimes, and can do nothing about it."""

    name = "broken"
    shared = False

    async def ensure(self, request: RuntimeRequest) -> None:
        self._refuse()

    async def observe(self, uid: str) -> NoReturn:
        self._refuse()

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        return ()

    async def terminate(self, uid: str, *, keep_files: bool) -> NoReturn:
        self._refuse()

    async def set_aside(self, uid: str) -> NoReturn:
        self._refuse()

    async def clear_aside(self) -> None:
        self._refuse()

    async def logs(self, uid: str, *, tail: int) -> NoReturn:
        self._refuse()

    async def access(self, uid: str) -> NoReturn:
        self._refuse()

    async def probe(self) -> NoReturn:
        self._refuse()

    async def exits(self) -> AsyncIterator[str]:
        nothing: Sequence[str] = ()
        for uid in nothing:
            yield uid

    async def close(self) -> None:
        """Nothing is held."""

    def _refuse(self) -> NoReturn:
        raise ProvisionerUnavailable("out of service")
