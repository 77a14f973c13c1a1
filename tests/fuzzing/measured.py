"""What one attempt cost and what came of it, and when that is too much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024
NO_ANSWER_IN_TIME = -1
_NOT_YET = 504
_LARGEST_ANSWER = 4 * MEBIBYTE
_PATIENCE = 0.25  # seconds that /livez may take
_MOST_MEMORY = 300 * MEBIBYTE
_GROWTH = 64 * MEBIBYTE
_SECONDS = 0.4  # of the processor, whatever the size
_SECONDS_BY_ANSWER = 0.004
_SECONDS_BY_BYTE: Mapping[str, float] = {"yaml": 12e-6, "templates": 30e-6, "patch": 8e-6}
_USUAL_BY_BYTE = 4e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`answers` is how many there were, to requests that came one after the other; `code`, of the
    first, is 0 where the connection was closed without an answer. `seconds` are those of the
    service's processors; `livez` how long the slowest /livez took meanwhile beyond what a
    server that does nothing took; `peak` and `before` the service's memory in bytes."""

    code: int
    said: str = ""
    answered: int = 0
    answers: int = 1
    seconds: float = 0.0
    livez: float = 0.0
    peak: int = 0
    before: int = 0
    trouble: Sequence[str] = field(default=())


def faults(kind: str, size: int, seen: Measured, *, slack: float = 1.0) -> Sequence[str]:
    """What is wrong with it, a word each; empty when nothing is. Times may be `slack` times as
    long, for a machine that has much else to do."""
    limit = (
        _SECONDS
        + seen.answers * _SECONDS_BY_ANSWER
        + size * _SECONDS_BY_BYTE.get(kind, _USUAL_BY_BYTE)
    )
    found = {
        "failure": seen.code >= 500 and seen.code != _NOT_YET,
        "silence": seen.code == NO_ANSWER_IN_TIME,
        "time": seen.seconds > limit * slack,
        # What holds the loop up has the processor meanwhile; else others held up the service.
        "latency": seen.livez > _PATIENCE * slack and seen.seconds > _PATIENCE / 2,
        "memory": seen.peak > _MOST_MEMORY or seen.peak - seen.before > _GROWTH + 60 * size,
        "answer": seen.answered > _LARGEST_ANSWER + 4 * size,
    }
    return [*seen.trouble, *(word for word, true in found.items() if true)]


def novelty(kind: str, size: int, seen: Measured) -> tuple[str, int, str, int]:
    """What makes it unlike others: how it was answered, and how much it cost by its size."""
    said = "".join(letter for letter in seen.said if letter.isalpha())[:40]
    cost = int(seen.seconds / (0.004 * seen.answers + size * 1e-6) * 2)
    return kind, seen.code, said, cost.bit_length()
