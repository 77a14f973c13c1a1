"""Views are used with the log that they were made from, and only as far as it goes."""

import pytest

from application.ports.read_model import ForeignReadModel, ViewsAhead
from application.projections.origin import claim_views
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from tests.application.arrangement import arranged
from tests.domain.test_user_commands import create
from tests.fakes.clock import FakeClock
from tests.fakes.event_store import TroubledEventStore


async def test_views_of_this_log_are_claimed() -> None:
    log, views = MemoryEventStore(FakeClock()), MemoryReadModel()
    assert not await claim_views(log, views)
    await arranged(log).send(create)
    assert await claim_views(log, views)
    await views.apply([], position=1)
    assert await claim_views(log, views)


async def test_views_ahead_of_the_log_are_refused_by_both_positions() -> None:
    log, views = MemoryEventStore(FakeClock()), MemoryReadModel()
    await arranged(log).send(create)
    await views.apply([], position=9)
    with pytest.raises(ViewsAhead, match=r"position 9, .* up to 1, .*labctl rebuild"):
        await claim_views(log, views)


async def test_views_of_a_lost_time_line_are_refused_although_the_log_has_gone_on_past_them() -> (
    None
):
    log, views = TroubledEventStore(MemoryEventStore(FakeClock())), MemoryReadModel()
    await arranged(log).send(create)
    await views.apply([], position=1)
    log.lost.add(1)
    with pytest.raises(ViewsAhead):
        await claim_views(log, views)


async def test_views_without_a_log_are_of_another_one() -> None:
    views = MemoryReadModel()
    await views.apply([], position=9)
    with pytest.raises(ForeignReadModel):
        await claim_views(MemoryEventStore(FakeClock()), views)
