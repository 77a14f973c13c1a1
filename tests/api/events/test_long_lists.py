"""A long list of Events is made in pieces: whoever else has something to do gets a turn."""

import asyncio
from dataclasses import replace

from application.mediator.fact_questions import FactPage, RecentFacts
from tests.api.arrangement import Api
from tests.api.events.test_events import HERE

_TIMES = 400


async def test_a_long_list_gives_others_their_turn(three: Api) -> None:
    mediator, clock = three.services.mediator, three.services.clock
    question = RecentFacts(since=clock.now(), after=0, upto=None, namespace=None, limit=9)
    page = await mediator.ask(question)
    many = replace(page, facts=[*page.facts] * _TIMES)

    async def answered(_: RecentFacts) -> FactPage:
        return many

    usual = await _turns_during(three)
    mediator.on_query(RecentFacts, answered)
    turns = await _turns_during(three)
    assert len(page.facts) == 5
    assert turns - usual >= len(many.facts) // 64


async def _turns_during(api: Api) -> int:
    """How often somebody else had his turn while nothing was found."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    answer = await api.client.get(f"{HERE}?labelSelector=no-such-label")
    task.cancel()
    assert answer.status_code == 200, answer.text
    return turns
