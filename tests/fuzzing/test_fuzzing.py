"""A search with a seed, what searches have found before, and whether a search would find."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing.attempt import KINDS, WEB, Attempt, from_kept
from tests.fuzzing.measured import NO_ANSWER_IN_TIME, Measured, faults
from tests.fuzzing.parsed import Parsed
from tests.fuzzing.search import Search
from tests.fuzzing.served import Trial

_FOUND = Path(__file__).with_name("found.jsonl").read_text().splitlines()
_ATTEMPTS = 12 * len(KINDS)
_SLACK = 8.0
_SOUND = Measured(code=400, seconds=0.01, peak=100, before=100)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    place = tmp_path_factory.mktemp("fuzzing")
    trial = Trial(place)
    trial.start()
    yield Search(1, KINDS, trial, Parsed(place), slack=_SLACK)
    trial.stop()


def test_a_short_search_finds_nothing(search: Search) -> None:
    assert [each for each in islice(search.found(), _ATTEMPTS) if each is not None] == []
    assert search.tried.keys() == set(KINDS)
    assert {code for _, code in search.codes} > {200, 400, 422}, "some came further than others"


@pytest.mark.parametrize("line", _FOUND, ids=range(len(_FOUND)))
def test_an_input_that_was_found_once_does_no_harm(search: Search, line: str) -> None:
    assert search.judged(from_kept(line)) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": 500}, "failure"),
        ({"code": NO_ANSWER_IN_TIME}, "silence"),
        ({"seconds": 0.5}, "time"),
        ({"seconds": 0.2, "livez": 0.3}, "latency"),
        ({"peak": 80 << 20}, "memory"),
        ({"peak": 301 << 20, "before": 300 << 20}, "memory"),
        ({"answered": 5 << 20}, "answer"),
    ],
)
def test_a_fault_of_each_kind_is_seen(change: dict[str, Any], fault: str) -> None:
    assert faults("json", 1000, _SOUND) == []
    assert faults("json", 1000, replace(_SOUND, **change)) == [fault]


def test_large_inputs_may_take_longer() -> None:
    slow = replace(_SOUND, seconds=1.0)
    assert faults("json", 1000, slow) == ["time"]
    assert faults("json", 400_000, slow) == []


class _Brittle:
    """Fails for whatever has three brackets, or a long answer now and then."""

    def __init__(self) -> None:
        self.renewed = self.tries = 0

    def renew(self) -> None:
        self.renewed += 1

    def tried(self, attempt: Attempt) -> Measured:
        self.tries += 1
        slow = 2.0 if self.tries % 7 == 0 else 0.01
        return replace(_SOUND, code=500 if b"[[[" in attempt.data else 400, seconds=slow)


def test_a_search_finds_what_fails_again_and_passes_over_what_was_slow_once() -> None:
    brittle = _Brittle()
    search = Search(1, WEB, brittle, brittle)
    found = [each for each in islice(search.found(), 1500) if each is not None]
    assert found
    assert all(b"[[[" in each.attempt.data for each in found)
    assert {fault for each in found for fault in each.faults} == {"failure"}
    assert search.passing["time"] > 0
    assert brittle.renewed > 1500 // 40


def test_a_search_tries_the_same_again_with_the_same_seed() -> None:
    tried = []
    for seed in (1, 1, 2):
        brittle = _Brittle()
        search = Search(seed, ("json", "yaml"), brittle, brittle)
        list(islice(search.found(), 50))
        tried.append({kind: each[1] for kind, each in search.dearest.items()})
    assert tried[0] == tried[1] != tried[2]


@pytest.mark.parametrize("kind", KINDS)
def test_an_attempt_is_kept_in_a_line(kind: str) -> None:
    attempt = Attempt(kind=kind, door=7, data=bytes(range(256)) * 9)
    assert from_kept(attempt.kept()) == attempt
