"""Arbitrary pasts of a lab, made by throwing arbitrary commands at it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from domain.errors import DomainError
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.decide import decide
from domain.lab_instance.evolve import evolve
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from tests.domain import test_client_commands as client
from tests.domain import test_control_commands as control
from tests.domain import test_user_commands as user
from tests.domain.scenario import ENDPOINT, NOW, SPEC

_REPORTS = (
    control.mark_ready,
    control.fail,
    replace(control.fail, permanent=True),
    control.time_out,
    control.report_drift,
)
_OTHERS: Sequence[LabInstanceCommand] = (
    user.create,
    user.change,
    replace(user.change, spec=replace(SPEC, duration="10m")),
    replace(user.change, spec=replace(SPEC, template="static")),
    replace(user.change, finalizers=("example.org/grades",)),
    user.extend,
    user.restart,
    user.retry,
    user.delete,
    user.abandon,
    user.open_,
    client.report,
    client.remark,
    control.start,
    control.postpone,
    control.expire,
    control.complete,
    control.resume,
    control.resume_deletion,
    control.record_orphan,
    control.hinder,
)


KINDS = {type(command) for command in (*_REPORTS, *_OTHERS)}
"""The commands that stories are made of."""


@dataclass(frozen=True)
class Story:
    """A lab after an arbitrary past, and the time at which it ended."""

    lab: LabInstance | None
    now: datetime


def commands() -> st.SearchStrategy[LabInstanceCommand]:
    """Any command, reports about any of the first runtimes."""
    reports: st.SearchStrategy[LabInstanceCommand] = st.builds(
        lambda report, revision: replace(report, revision=revision),
        st.sampled_from(_REPORTS),
        st.integers(1, 4),
    )
    return st.one_of(reports, st.sampled_from(_OTHERS))


def observations() -> st.SearchStrategy[Observation]:
    """Anything that could be seen of a runtime."""
    revision = st.integers(1, 4)
    return st.one_of(
        st.just(Absent()),
        st.builds(Starting, revision=revision),
        st.builds(
            Running, revision=revision, endpoint=st.just(ENDPOINT), isolation=st.just("none")
        ),
        st.builds(
            Ended, revision=revision, reason=st.just("ProcessGone"), message=st.just("gone")
        ),
    )


def stories() -> st.SearchStrategy[Story]:
    """Labs after up to thirty commands with pauses of up to forty minutes."""
    pauses = st.sampled_from([0, 1, 5, 61, 2400])
    return st.lists(st.tuples(commands(), pauses), max_size=30).map(_told)


def _told(script: Sequence[tuple[LabInstanceCommand, int]]) -> Story:
    lab: LabInstance | None = None
    now = NOW
    for command, pause in ((user.create, 0), *script):
        now += timedelta(seconds=pause)
        lab = obeyed(lab, command, now)
    return Story(lab, now)


def obeyed(
    lab: LabInstance | None, command: LabInstanceCommand, now: datetime
) -> LabInstance | None:
    """The lab after the command, or as it was when the command is refused."""
    try:
        facts = decide(lab, command, now)
    except DomainError:
        return lab
    for fact in facts:
        lab = evolve(lab, fact)
    return lab
