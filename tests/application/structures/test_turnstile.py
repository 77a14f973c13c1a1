"""A crowd that passes a few at a time."""

import asyncio

from application.structures.turnstile import Turnstile


async def test_a_crowd_passes_in_order_and_a_few_at_a_time() -> None:
    turnstile = Turnstile(abreast=3)
    passed: list[int] = []

    async def one(number: int) -> None:
        await turnstile.pass_through()
        passed.append(number)

    crowd = [asyncio.ensure_future(one(number)) for number in range(20)]
    together: list[int] = []
    while len(passed) < 20:
        before = len(passed)
        await asyncio.sleep(0)
        together.append(len(passed) - before)
    await asyncio.gather(*crowd)
    assert passed == list(range(20))
    assert max(together) == 3


async def test_a_waiter_that_leaves_takes_no_room_in_the_turnstile() -> None:
    turnstile = Turnstile(abreast=1)
    crowd = [asyncio.ensure_future(turnstile.pass_through()) for _ in range(4)]
    await asyncio.sleep(0)
    for impatient in crowd[:3]:
        impatient.cancel()
    async with asyncio.timeout(1):
        await crowd[3]
        await turnstile.pass_through()
    assert [one.cancelled() for one in crowd[1:]] == [True, True, False]


async def test_a_turnstile_lets_a_second_crowd_through_as_it_did_the_first() -> None:
    turnstile = Turnstile(abreast=2)
    for _ in range(2):
        crowd = [asyncio.ensure_future(turnstile.pass_through()) for _ in range(5)]
        turns = 0
        while not all(passing.done() for passing in crowd):
            await asyncio.sleep(0)
            turns += 1
            assert turns < 10
        assert turns >= 3
