"""When a soak says that something grows."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.soak.answers import Answers
from benchmarks.soak.gauges import Sample
from benchmarks.soak.judgement import WARM_UP, Finding, judged

_LENGTH = 100
_FIRST = Sample(
    at=0,
    service=80,
    writer=20,
    descriptors=40,
    threads=16,
    processor=1,
    projector_lag=1,
    watcher_lag=1,
    log=1,
    wal=2,
    events=100,
    labs=10,
)


def test_a_service_that_stays_as_it_is_is_flat() -> None:
    findings = judged(_answers(), _samples(), _LENGTH)
    assert len(findings) > 8
    assert _grown(findings) == []


def test_memory_that_climbs_all_the_time_is_said_to_grow() -> None:
    samples = [replace(each, service=80 + each.at / 2) for each in _samples()]
    assert _grown(judged(_answers(), samples, _LENGTH)) == ["memory, service"]


def test_each_gauge_that_doubles_is_said_to_grow() -> None:
    late = _LENGTH / 2
    samples = [
        each
        if each.at < late
        else replace(each, writer=50, descriptors=80, threads=32, watcher_lag=900, wal=9)
        for each in _samples()
    ]
    assert _grown(judged(_answers(), samples, _LENGTH)) == [
        "memory, writer",
        "descriptors",
        "threads",
        "lag, watcher",
        "-wal, largest",
    ]


def test_answers_that_get_slower_are_said_to_grow() -> None:
    answers = _answers(late=0.3)
    assert _grown(judged(answers, _samples(), _LENGTH)) == ["get, p50", "get, p99"]


def test_answers_that_cost_more_processor_time_are_said_to_grow() -> None:
    samples = [replace(each, processor=each.at**2 / 50) for each in _samples()]
    assert _grown(judged(_answers(), samples, _LENGTH)) == ["processor, each answer"]


def test_events_that_take_more_room_are_said_to_grow() -> None:
    samples = [replace(each, log=each.at**2 / 100) for each in _samples()]
    assert _grown(judged(_answers(), samples, _LENGTH)) == ["log, for each event"]


def test_the_warm_up_is_not_judged() -> None:
    samples = [
        replace(each, service=10) if each.at < _LENGTH * WARM_UP else each for each in _samples()
    ]
    assert _grown(judged(_answers(), samples, _LENGTH)) == []


def _answers(*, late: float = 0.01) -> Answers:
    answers = Answers()
    for moment in range(_LENGTH):
        answers.took("get", 0.01 if moment < _LENGTH / 2 else late, at=moment)
    return answers


def _samples() -> Sequence[Sample]:
    return [
        replace(
            _FIRST, at=at, processor=at / 100, log=1 + at / 1000, events=100 + at * 10, labs=10
        )
        for at in range(_LENGTH)
    ]


def _grown(findings: Sequence[Finding]) -> Sequence[str]:
    return [finding.name for finding in findings if not finding.is_flat]
