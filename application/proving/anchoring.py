"""Brings the newest signed checkpoint to a place outside, and tells when that does not work."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from application.ports.event_store import EventStoreError
from application.ports.signed_checkpoints import Anchor, AnchorFailed, SignedCheckpoints

_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_LAST_WORDS = 3.0
log = logging.getLogger(__name__)


class Anchoring:
    """Brings what is newest, and nothing that has become old meanwhile. `trouble` says what is
    wrong now, and `on_failure` is called for each time; neither stops anything."""

    def __init__(
        self, checkpoints: SignedCheckpoints, anchor: Anchor, *, on_failure: Callable[[], None]
    ) -> None:
        self._checkpoints = checkpoints
        self._anchor = anchor
        self._brought = 0
        self._on_failure = on_failure
        self.trouble = ""

    async def run(self) -> None:
        """Bring them for ever. Raises EventStoreUnavailable; run again then."""
        pause = _PAUSE
        while True:
            worked = await self.bring()
            pause = _PAUSE if worked else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def finish(self) -> None:
        """Bring the last one, within seconds, or leave it."""
        with suppress(EventStoreError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self.bring()

    async def bring(self) -> bool:
        """Bring the newest one unless it is there; whether it is there now."""
        last = await self._checkpoints.latest()
        if last is None or last.number == self._brought:
            return not self.trouble
        try:
            await self._anchor.bring(last.note)
        except AnchorFailed as error:
            if not self.trouble:
                log.warning("a checkpoint was not anchored", extra={"reason": str(error)})
            self._on_failure()
            self.trouble = f"checkpoints are not anchored: {error}"
            return False
        self._brought, self.trouble = last.number, ""
        return True
