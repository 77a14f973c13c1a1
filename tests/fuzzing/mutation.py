"""Inputs made from others: pieces taken out, put elsewhere, repeated and turned."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from tests.fuzzing.attempt import Attempt

LARGEST = 400_000
_SPARKS = (
    b"{",
    b"[",
    b'"',
    b"\\",
    b"\0",
    b"\xff",
    b"\r\n",
    b"\xc3",
    b"0",
    b",",
    b":",
    b"-",
    b"&a ",
)


def mutated(random: Random, attempt: Attempt, other: Attempt) -> Attempt:
    """The attempt with one to four changes; pieces may come from the other."""
    data = attempt.data
    for _ in range(random.randrange(1, 5)):
        data = random.choice(_CHANGES)(random, data, other.data)[:LARGEST]
    door = attempt.door if random.random() < 0.8 else random.randrange(1000)
    return replace(attempt, data=data, door=door)


def _span(random: Random, data: bytes) -> tuple[int, int]:
    begin = random.randrange(len(data) + 1)
    return begin, min(len(data), begin + int(len(data) ** random.random()))


def _repeated(random: Random, data: bytes, _: bytes) -> bytes:
    begin, end = _span(random, data)
    times = int(20_000 ** random.random())
    times = min(times, LARGEST // max(1, end - begin))
    return data[:begin] + data[begin:end] * times + data[end:]


def _without(random: Random, data: bytes, _: bytes) -> bytes:
    begin, end = _span(random, data)
    return data[:begin] + data[end:]


def _turned(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _sparked(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_SPARKS) * int(2000 ** random.random()) + data[at:]


def _joined(random: Random, data: bytes, other: bytes) -> bytes:
    at, (begin, end) = random.randrange(len(data) + 1), _span(random, other)
    return data[:at] + other[begin:end] + data[at:]


_CHANGES: Sequence[Callable[[Random, bytes, bytes], bytes]] = (
    _repeated,
    _without,
    _turned,
    _sparked,
    _joined,
)
