"""Others have their turn between the pieces of long work."""

import asyncio

from application.structures.pieces import in_pieces


async def test_long_work_gives_others_a_turn_after_each_piece() -> None:
    order: list[str] = []

    async def other() -> None:
        for turn in range(3):
            order.append(f"turn {turn}")
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    async for item in in_pieces("abcde", size=2):
        order.append(item)
    await others
    assert order == ["a", "b", "turn 0", "c", "d", "turn 1", "e", "turn 2"]
