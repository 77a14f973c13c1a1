"""The machine's clock and chance."""

from datetime import UTC, datetime
from uuid import UUID

from infrastructure.system_clock import SystemClock, SystemRandomness


def test_the_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)  # noqa: TID251  the machine's clock is what is tested
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)  # noqa: TID251  as above


def test_a_seed_makes_chance_repeatable() -> None:
    one, other = SystemRandomness(7), SystemRandomness(7)
    assert [one.fraction(), one.uid()] == [other.fraction(), other.uid()]


def test_without_a_seed_every_source_differs() -> None:
    uids = {SystemRandomness().uid() for _ in range(100)}
    assert len(uids) == 100


def test_a_uid_is_a_random_uuid_in_its_usual_form() -> None:
    text = SystemRandomness().uid()
    assert str(UUID(text)) == text
    assert UUID(text).version == 4


def test_fractions_lie_between_zero_and_one() -> None:
    source = SystemRandomness(1)
    assert all(0 <= source.fraction() < 1 for _ in range(1000))
