"""Work on the views that an outage does not end: it waits and goes on where it was."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from application.event_log.progress import Progress
from application.ports.read_model import ReadModelUnavailable, ViewsSetBack

log = logging.getLogger(__name__)

T = TypeVar("T")
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_LATE = 5.0
_NO_ANSWER = "the views are not written: the one who writes does not answer"


class Outlasting:
    """Repeats what the read model refuses until it does not, and says so once.

    Meanwhile `progress` knows why it does not move, from the second refusal on, or when no
    answer has come for five seconds: so that who waits for it need not wait in vain.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    async def until_done(self, work: Callable[[], Awaitable[T]]) -> T:
        """What the work answers. It is repeated from its beginning. Raises ViewsSetBack,
        and what is no outage of the read model."""
        refusals = 0
        while True:
            try:
                answer = await self._watched(work)
            except ViewsSetBack:
                raise  # the same work again would leave a gap
            except ReadModelUnavailable as outage:
                refusals += 1
                if refusals > 1:
                    self._report(outage.reason)
                await asyncio.sleep(min(_FIRST_PAUSE * 2 ** (refusals - 1), _LONGEST_PAUSE))
            else:
                self._over()
                return answer

    async def _watched(self, work: Callable[[], Awaitable[T]]) -> T:
        late = asyncio.get_running_loop().call_later(_LATE, self._report, _NO_ANSWER)
        try:
            return await work()
        finally:
            late.cancel()

    def _report(self, hindrance: str) -> None:
        if not self._progress.hindrance:
            log.warning("the views wait for their store", extra={"error": hindrance})
        self._progress.hindrance = hindrance

    def _over(self) -> None:
        if self._progress.hindrance:
            self._progress.hindrance = ""
            log.info("the views go on")
