"""Laws that hold for every lab, whatever happened to it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.lab_instance.commands import (
    ExtendLabInstance,
    GrantAccess,
    LabInstanceCommand,
    RecordOrphanTermination,
    RemarkOnLabInstance,
)
from domain.lab_instance.control_commands import (
    CompleteDeletion,
    ResumeDeletion,
    ResumeProvisioning,
)
from domain.lab_instance.decide import decide
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Absent, Observation, Running
from domain.lab_instance.policy import corrective, due_at, next_step
from domain.lab_instance.status import ConditionType, LabState
from domain.lab_instance.steps import (
    LookAgain,
    RemoveRuntime,
    Send,
    Settled,
    StartRuntime,
    StopRuntime,
    WaitUntil,
)
from tests.domain.histories import KINDS, Story, commands, obeyed, observations, stories
from tests.domain.scenario import ENDPOINT, LIMITS

_COUNTED_EACH_TIME = (
    ExtendLabInstance,
    GrantAccess,
    RecordOrphanTermination,
    ResumeDeletion,
    ResumeProvisioning,
    RemarkOnLabInstance,
)
"""Commands whose repetition is recognised by their id, not by the lab's state."""

NOTHING = timedelta(0)


def test_stories_are_made_of_every_command() -> None:
    assert set(get_args(LabInstanceCommand)) == KINDS


@given(stories(), observations())
def test_every_command_the_policy_sends_has_an_effect(story: Story, seen: Observation) -> None:
    if story.lab is None:
        return
    step = next_step(story.lab, seen, now=story.now, limits=LIMITS, jitter=0.5, missed=NOTHING)
    if isinstance(step, Send):
        assert decide(story.lab, step.command, story.now)


@given(stories(), st.integers(0, 7200))
def test_every_correction_has_an_effect_and_moves_the_due_time(story: Story, late: int) -> None:
    if story.lab is None:
        return
    now = story.now + timedelta(seconds=late)
    command = corrective(story.lab, now=now, limits=LIMITS, jitter=0.5, missed=NOTHING)
    due = due_at(story.lab)
    assert (command is not None) == (due is not None and due <= now)
    if command is not None:
        after = obeyed(story.lab, command, now)
        assert after is not None
        later = due_at(after)
        assert later is None or later > now


@given(stories(), commands())
def test_repeating_a_command_changes_nothing(story: Story, command: LabInstanceCommand) -> None:
    if isinstance(command, _COUNTED_EACH_TIME):
        return
    once = obeyed(story.lab, command, story.now)
    try:
        again = decide(once, command, story.now)
    except DomainError:
        return
    assert again == ()


@given(stories())
def test_a_lab_is_ready_exactly_when_its_condition_says_so(story: Story) -> None:
    if story.lab is None or story.lab.state is LabState.DELETED:
        return
    conditions = {condition.type: condition for condition in story.lab.conditions}
    ready = story.lab.state is LabState.READY
    assert conditions[ConditionType.READY].holds is ready
    assert (story.lab.endpoint is not None) is ready
    assert story.lab.observed_generation <= story.lab.generation


@given(stories())
def test_a_lab_always_says_why_it_is_as_it_is(story: Story) -> None:
    if story.lab is None:
        return
    assert story.lab.reason
    assert all(condition.reason for condition in story.lab.conditions)


@given(stories())
def test_every_unsettled_state_has_a_deadline(story: Story) -> None:
    if story.lab is None:
        return
    settled = story.lab.state in (LabState.FAILED, LabState.DELETED)
    held = story.lab.state is LabState.DELETING and bool(story.lab.finalizers)
    assert (due_at(story.lab) is None) == (settled or held)


@settings(deadline=None)
@given(stories(), observations())
def test_every_lab_settles_with_a_working_runtime(story: Story, seen: Observation) -> None:
    if story.lab is None:
        return
    lab = replace(story.lab, finalizers=())
    end, left = _let_run(lab, seen, story.now)
    assert end.state in (LabState.DELETED, LabState.FAILED)
    assert left == Absent()


def _let_run(
    lab: LabInstance, seen: Observation, now: datetime
) -> tuple[LabInstance, Observation]:
    """Carry out what the policy says against a runtime that always works, to the end."""
    for _ in range(200):
        step = next_step(lab, seen, now=now, limits=LIMITS, jitter=0.5, missed=NOTHING)
        match step:
            case Send(command):
                lab = _existing(obeyed(lab, command, now))
            case StartRuntime(revision):
                seen = Running(revision=revision, endpoint=ENDPOINT, isolation="none")
            case StopRuntime():
                seen = Absent()
            case RemoveRuntime():
                seen = Absent()
                done = CompleteDeletion(lab=lab.key, uid=lab.uid, proof="nothing runs")
                lab = _existing(obeyed(lab, done, now))
            case LookAgain(deadline):
                now = deadline
            case WaitUntil(at):
                now = at
            case Settled():
                # What runs without a lab is found by the search for orphans.
                return lab, Absent() if lab.state is LabState.DELETED else seen
    raise AssertionError(f"the lab does not settle: {lab.state} {lab.reason}")


def _existing(lab: LabInstance | None) -> LabInstance:
    assert lab is not None
    return lab
