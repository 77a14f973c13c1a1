"""Threads for what would hold up the event loop: files, and walks through /proc."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import ParamSpec, TypeVar

from application.ports.provisioner import ProvisionerError, ProvisionerUnavailable

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_THREADS = 4
_IN_RESERVE = 2
_OF_THE_MACHINE = {
    errno.EAGAIN,
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EROFS,
}


class LabFilesTroubled(ProvisionerError):
    """The files of one lab are not as they should be; nobody else is concerned."""

    def __init__(self, uid: str, reason: str) -> None:
        self.uid = uid
        super().__init__(f"the files of the lab with uid {uid!r} cannot be used: {reason}")


class Workers:
    """A few threads of the provisioner's own, so that nobody else's work delays its, and some
    in reserve for what ends and removes labs. All exist from the start: when labs must be ended
    because they have taken every process there may be, no thread can be made."""

    def __init__(self) -> None:
        self._threads = _started(_THREADS, "labs")
        self._reserve = _started(_IN_RESERVE, "labs-ending")

    async def run(
        self,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Do the work in a thread. Trouble with files is ProvisionerUnavailable."""
        try:
            return await _in(self._threads, lambda: work(*args, **kwargs))
        except OSError as error:
            raise ProvisionerUnavailable(_reason(error)) from error

    async def run_for(
        self,
        uid: str,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Do the work on that lab's files in a thread. Trouble of the machine is
        ProvisionerUnavailable, any other LabFilesTroubled."""
        try:
            return await _in(self._threads, lambda: work(*args, **kwargs))
        except OSError as error:
            raise _blamed(uid, error) from error

    async def end(
        self,
        uid: str,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """As `run_for`, in a thread of the reserve: work that ends or removes the lab."""
        try:
            return await _in(self._reserve, lambda: work(*args, **kwargs))
        except OSError as error:
            raise _blamed(uid, error) from error

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False)
        self._reserve.shutdown(wait=False)


def _started(number: int, name: str) -> ThreadPoolExecutor:
    """A pool whose threads all exist. Raises RuntimeError when the machine gives none."""
    pool = ThreadPoolExecutor(number, thread_name_prefix=name)
    together = Barrier(number + 1)
    for _ in range(number):
        pool.submit(together.wait)
    together.wait()
    return pool


async def _in(pool: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(pool, work)


def _blamed(uid: str, error: OSError) -> ProvisionerError:
    if error.errno in _OF_THE_MACHINE:
        return ProvisionerUnavailable(_reason(error))
    return LabFilesTroubled(uid, _reason(error))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
