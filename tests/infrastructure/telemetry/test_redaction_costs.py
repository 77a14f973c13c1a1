"""What others write into the log costs little, however they write it."""

import time

import pytest

from infrastructure.telemetry.redaction import Redactor

LONG = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "a" * LONG + "@",
        "a@" * (LONG // 2),
        "a%40" * (LONG // 4),
        "@" * LONG,
        "a@b" + "-" * LONG,
        "bearer " * (LONG // 7),
        "bearer" + " " * LONG,
        "token=" * (LONG // 6),
    ],
)
def test_no_text_takes_long(text: str) -> None:
    redactor = Redactor(longest=LONG)
    begun = time.process_time()
    redactor.clean(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ann@example.com", "[e-mail]"),
        ("to=ann.b+c@example.com.", "to=[e-mail]."),
        ("?user=ann%40example.com&x", "?user=[e-mail]&x"),
        ("a@b@c", "[e-mail]@c"),
        ("@example.com and a@", "@example.com and a@"),
    ],
)
def test_addresses_are_blanked(text: str, told: str) -> None:
    assert Redactor().clean(text) == told


def test_of_a_long_text_the_beginning_is_told_and_no_half_of_a_secret() -> None:
    redactor = Redactor(longest=100)
    redactor.conceal("s3cret-of-the-tests")
    told = redactor.clean("x" * 90 + "s3cret-of-the-tests" + "y" * 1000)
    assert told == "x" * 90 + "[secret]" + "yy" + "... (1109 characters)"
