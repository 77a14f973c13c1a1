"""What follows from a wrong token."""

import asyncio
import logging

import pytest

from api.http.failed_logins import FailedLogins


def scope_of(host: str) -> dict[str, object]:
    return {"type": "http", "path": "/apis", "client": (host, 1)}


async def test_a_peer_that_goes_on_failing_waits_and_others_do_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    counted: list[int] = []
    logins = FailedLogins(lambda: counted.append(1), clock=lambda: 7.0)
    for _ in range(20):
        async with asyncio.timeout(1):
            await logins.note(scope_of("192.0.2.1"))
    waiting = asyncio.create_task(logins.note(scope_of("192.0.2.1")))
    await asyncio.sleep(0)
    assert not waiting.done()
    async with asyncio.timeout(1):
        await logins.note(scope_of("192.0.2.2"))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert len(counted) == 22
    assert [record.__dict__["peer"] for record in caplog.records] == ["192.0.2.1", "192.0.2.2"]


async def test_hosts_of_one_ipv6_network_are_one_peer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    logins = FailedLogins(lambda: None, clock=lambda: 7.0)
    for number in range(5):
        await logins.note(scope_of(f"2001:db8::{number}"))
    assert [record.__dict__["peer"] for record in caplog.records] == ["2001:db8::/64"]


@pytest.mark.parametrize(("places", "waits"), [(2000, 64), (256, 64), (20, 5), (16, 4)])
async def test_no_more_than_a_quarter_of_all_places_waits_and_the_next_is_answered_at_once(
    places: int, waits: int
) -> None:
    logins = FailedLogins(lambda: None, clock=lambda: 7.0, places=places)
    notes = [asyncio.create_task(logins.note(scope_of("192.0.2.1"))) for _ in range(150)]
    await asyncio.sleep(0)
    waiting = [note for note in notes if not note.done()]
    for note in waiting:
        note.cancel()
    await asyncio.gather(*notes, return_exceptions=True)
    assert len(waiting) == waits


async def test_a_peer_is_forgotten_when_a_thousand_others_failed_since(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    logins = FailedLogins(lambda: None, clock=lambda: 7.0)
    others = [f"198.51.{number // 256}.{number % 256}" for number in range(1024)]
    for host in ("192.0.2.1", *others, "192.0.2.1"):
        await logins.note(scope_of(host))
    assert [record.__dict__["peer"] for record in caplog.records].count("192.0.2.1") == 2
