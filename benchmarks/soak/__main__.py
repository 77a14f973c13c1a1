"""Serves under steady load for so many minutes, and says whether anything grows."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.figures import machine
from benchmarks.soak.answers import Answers, Span, percentile
from benchmarks.soak.gauges import Sample, sample
from benchmarks.soak.judgement import judged
from benchmarks.soak.traffic import Traffic
from tests.infrastructure.process.ground import leave_no_group
from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import Service, command, environment

_LONGEST_LIFE = 40.0
_SAMPLES_A_RUN = 300
_MOST_BETWEEN_SAMPLES = 5.0


async def soak(data_dir: Path, *, seconds: float) -> int:
    """Run it and print it; 0 when all stayed flat and nothing was refused or lost, else 1."""
    answers, samples = Answers(), list[Sample]()
    service = Service(data_dir, LAB_PROVISIONER="process", LAB_LOG_LEVEL="warning")
    print(f"{machine()}; {seconds / 60:g} min, tidings each minute", flush=True)
    await service.start()
    try:
        async with service.client() as client:
            traffic = Traffic(
                client, answers, Random(30), short=max(1, min(_LONGEST_LIFE, seconds / 4))
            )
            async with traffic.flowing():
                await _sampled(service, traffic, answers, samples, seconds)
    finally:
        await service.stop()
    left = lab_processes(data_dir)
    if left:
        answers.faults["a process of a lab was left, and is ended now"] += len(left)
        for pid in left:
            kill_tree(pid)
    leave_no_group(data_dir)
    proof = await asyncio.to_thread(_proved, service)
    print(f"verify: {proof.stdout.strip()}")
    if proof.returncode:
        answers.faults["the history cannot be proved"] += 1
    return _told(answers, samples, seconds)


def _proved(service: Service) -> subprocess.CompletedProcess[str]:
    words, variables = [command()[0], "verify"], environment(service.variables)
    return subprocess.run(words, env=variables, check=False, capture_output=True, text=True)


async def _sampled(
    service: Service,
    traffic: Traffic,
    answers: Answers,
    samples: list[Sample],
    seconds: float,
) -> None:
    pause, minute = min(_MOST_BETWEEN_SAMPLES, seconds / _SAMPLES_A_RUN), 1
    async with service.client() as client:
        while traffic.now < seconds:
            samples.append(await sample(service, client, at=traffic.now))
            if traffic.now >= minute * 60:
                span = Span(begin=(minute - 1) * 60, end=minute * 60)
                print(f"minute {minute}: {_line(answers, samples[-1], span)}", flush=True)
                minute += 1
            await asyncio.sleep(pause)


def _line(answers: Answers, last: Sample, span: Span) -> str:
    found = answers.within(span)
    rate = sum(map(len, found.values())) / (span.end - span.begin)
    latencies = ", ".join(
        f"{verb} {percentile(lengths, 0.5) * 1000:.0f}/{percentile(lengths, 0.99) * 1000:.0f}"
        for verb, lengths in sorted(found.items())
    )
    return (
        f"{rate:.1f} answers/s; p50/p99 ms: {latencies}; "
        f"memory {last.service:.0f}+{last.writer:.0f} MiB, {last.descriptors:.0f} descriptors, "
        f"{last.threads:.0f} threads; lag {last.projector_lag:.0f}/{last.watcher_lag:.0f}; "
        f"log {last.log:.1f} MiB, -wal {last.wal:.1f} MiB; {last.events:.0f} events, "
        f"{last.labs:.0f} labs; faults {answers.faults.total()}; load {os.getloadavg()[0]:.0f}"
    )


def _told(answers: Answers, samples: Sequence[Sample], seconds: float) -> int:
    print(f"all of it: {_line(answers, samples[-1], Span(begin=0, end=seconds))}")
    findings = judged(answers, samples, seconds)
    print(f"{'':<24} {'first':>10} {'last third':>10}")
    for finding in findings:
        print(finding)
    for words, times in answers.faults.items():
        print(f"FAULT, {times} times: {words}")
    grown = [finding.name for finding in findings if not finding.is_flat]
    well = not grown and not answers.faults
    print("flat" if well else f"NOT flat: {', '.join(grown)}; {answers.faults.total()} faults")
    return 0 if well else 1


def main(words: Sequence[str]) -> int:
    """The minutes, as a number above 0; 30 where none is said. Answers the exit code."""
    try:
        minutes = float(words[0]) if words else 30.0
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        print(
            f"MINUTES is a number above 0, like 30 or 0.5, and not {words[0]!r}", file=sys.stderr
        )
        return 2
    with TemporaryDirectory(prefix="lab-soak-") as folder:
        return asyncio.run(soak(Path(folder) / "data", seconds=minutes * 60))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
