"""Makes a signed checkpoint of the log soon after there is news, and one at the end."""

import asyncio
import logging
from contextlib import suppress

from application.ports.clock import Clock
from application.ports.event_store import EventStoreError
from application.ports.log_tree import LogTree, TreeHead
from application.ports.signed_checkpoints import Sign, SignedCheckpoints
from domain.log_tree.checkpoint import LogCheckpoint, origin_by

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
_LAST_WORDS = 3.0
log = logging.getLogger(__name__)


class CheckpointMaker:
    """Looks for news every second; while they never end, ever more seldom, up to ten seconds."""

    def __init__(
        self, tree: LogTree, checkpoints: SignedCheckpoints, sign: Sign, clock: Clock
    ) -> None:
        self._tree = tree
        self._checkpoints = checkpoints
        self._sign = sign
        self._clock = clock
        self._vouched = -1

    async def run(self) -> None:
        """Make them for ever. Raises EventStoreUnavailable; run again then."""
        pause = _FIRST_PAUSE
        while True:
            made = await self.make()
            pause = min(2 * pause, _LONGEST_PAUSE) if made else _FIRST_PAUSE
            await asyncio.sleep(pause)

    async def finish(self) -> None:
        """One more, if there is news, within seconds."""
        with suppress(EventStoreError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self.make()

    async def make(self) -> bool:
        """Make one unless the last one says all. Raises EventStoreUnavailable."""
        head = await self._tree.head()
        if head is None or await self._is_vouched(head):
            return False
        checkpoint = LogCheckpoint(
            origin=origin_by(head.first),
            size=head.size,
            root=head.root,
            position=head.position,
            at=self._clock.now(),
            found=head.found > 0,
        )
        note = self._sign(checkpoint)
        await self._checkpoints.keep(head.size, note)
        self._vouched = head.size
        if checkpoint.found:
            log.info("the log is vouched for as it was found", extra={"events": head.size})
        return True

    async def _is_vouched(self, head: TreeHead) -> bool:
        if self._vouched < 0:
            last = await self._checkpoints.latest()
            self._vouched = last.size if last else 0
        return self._vouched == head.size and not head.found
