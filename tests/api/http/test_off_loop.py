"""Heavy work is done beside the loop, one piece after the other, and never much of it."""

import asyncio
import threading

import pytest

from api.http.off_loop import LIGHT, OffLoop
from api.http.refusals import TooBusy


async def test_light_work_is_done_on_the_spot_and_heavy_work_beside_the_loop() -> None:
    beside = OffLoop(most_waiting=1)
    assert await beside.run(LIGHT, threading.get_ident) == threading.get_ident()
    assert await beside.run(LIGHT + 1, threading.get_ident) != threading.get_ident()


async def test_more_than_may_wait_is_refused() -> None:
    beside, held = OffLoop(most_waiting=2), threading.Event()
    waiting = [asyncio.create_task(beside.run(LIGHT + 1, held.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await beside.run(LIGHT + 1, held.wait)
    held.set()
    await asyncio.gather(*waiting)
    assert await beside.run(LIGHT + 1, lambda: "again") == "again"
