"""Threads for what would hold up the event loop: files, and walks through /proc."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from application.ports.provisioner import ProvisionerUnavailable

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_THREADS = 4


class Workers:
    """A few threads of the provisioner's own, so that nobody else's work delays its."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="labs")

    async def run(
        self,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Do the work in a thread. Trouble with the machine is ProvisionerUnavailable."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ProvisionerUnavailable(reason) from error

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False)
