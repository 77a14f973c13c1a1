"""Makes up for what the index of the past lacks: before the views go on."""

import logging

from application.event_log.closing import closing_early
from application.event_log.passing import Passing
from application.event_log.progress import Progress
from application.ports.event_store import EventStore
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModel
from application.projections.origin import claim_views

log = logging.getLogger(__name__)

_BATCH = 5000


class PastFilling:
    """Fills the index from where it is to where the views are: those that an older program has
    written, which knew of no index. It goes on where it was interrupted. `projected` says
    meanwhile why the views wait."""

    def __init__(
        self, store: EventStore, read_model: ReadModel, index: PastIndex, projected: Progress
    ) -> None:
        self._store = store
        self._read_model = read_model
        self._index = index
        self._projected = projected

    async def run(self) -> None:
        """Fill it; nothing is done where nothing is lacking. Only for who writes the views, and
        before. Raises what the stores raise, ForeignReadModel and ViewsAhead; run again then."""
        await claim_views(self._store, self._read_model)  # else it would be another log's index
        reached, end = await self._index.reached(), await self._read_model.position()
        self._projected.advance(end)  # what the views hold can be read meanwhile
        stretches = await self._index.stretches()
        if reached < end:
            log.info("the index of the past is made", extra={"from": reached, "upto": end})
        # The stretch that went on when its writer ended may lack what it saw last.
        start = min(reached, stretches[-1].last) if stretches else 0
        try:
            if start < end:
                await self._fill(start, end)
        finally:
            self._projected.hindrance = ""
        if reached < end:
            log.info("the index of the past is complete", extra={"upto": end})

    async def _fill(self, start: int, end: int) -> None:
        passing, taken = Passing(after=start), 0
        async with closing_early(self._store.read_all(after=start)) as reading:
            async for recorded in reading:
                if recorded.position > end:
                    break
                passing.note(recorded)
                taken += 1
                if taken % _BATCH == 0:
                    await self._index.catch_up(passing.taken(), position=recorded.position)
                    self._report(recorded.position, end)
        await self._index.catch_up(passing.taken(), position=end)

    def _report(self, position: int, end: int) -> None:
        self._projected.hindrance = (
            f"the index of the past is made first, once: position {position} of {end}"
        )
