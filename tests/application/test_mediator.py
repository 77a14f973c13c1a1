"""The one door: who is behind it, what is wrapped around it, and who hears what."""

from dataclasses import dataclass
from typing import Any

import pytest

from application.mediator.mediator import (
    CommandHandler,
    CommandOutcome,
    LabOutcome,
    Mediator,
    Outcome,
    Query,
    RequestContext,
    UnhandledRequest,
)
from domain.lab_instance.commands import (
    ExtendLabInstance,
    LabInstanceCommand,
    RestartLabInstance,
    RetryLabInstance,
)
from tests.application.arrangement import context
from tests.domain.scenario import LAB

OUTCOME = CommandOutcome(view=None, position=1, changed=True)
RETRY = RetryLabInstance(lab=LAB)


@dataclass(frozen=True)
class HowMany(Query[int]):
    """A question."""


@dataclass(frozen=True)
class News:
    """A notification."""

    number: int


@dataclass(frozen=True)
class OtherNews:
    """Another one."""


class Behaviour:
    """Writes down when it is entered and left."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self.name = name
        self.diary = diary

    async def __call__(
        self, command: LabInstanceCommand, given: RequestContext, inner: CommandHandler
    ) -> Outcome:
        self.diary.append(f"into {self.name}")
        outcome = await inner(command, given)
        self.diary.append(f"out of {self.name}")
        return outcome


async def carry_out(command: LabInstanceCommand, given: RequestContext) -> LabOutcome:
    return OUTCOME


async def test_a_command_passes_all_behaviours_in_their_order_on_the_way_to_its_handler() -> None:
    diary: list[str] = []
    mediator = Mediator([Behaviour("outer", diary), Behaviour("inner", diary)])
    mediator.on_command(RetryLabInstance, carry_out)
    assert await mediator.send(RETRY, context("1")) is OUTCOME
    assert diary == ["into outer", "into inner", "out of inner", "out of outer"]


async def test_the_handler_gets_the_command_and_its_context_as_they_were_sent() -> None:
    got: list[tuple[LabInstanceCommand, RequestContext]] = []

    async def remember(command: LabInstanceCommand, given: RequestContext) -> LabOutcome:
        got.append((command, given))
        return OUTCOME

    mediator = Mediator([Behaviour("any", [])])
    mediator.on_command(RetryLabInstance, remember)
    await mediator.send(RETRY, context("1"))
    assert got == [(RETRY, context("1"))]


async def test_what_has_no_handler_is_a_mistake_and_is_named() -> None:
    mediator = Mediator([])
    with pytest.raises(UnhandledRequest, match="RetryLabInstance"):
        await mediator.send(RETRY, context("1"))
    with pytest.raises(UnhandledRequest, match="HowMany"):
        await mediator.ask(HowMany())


async def test_a_missing_handler_can_be_noticed_before_anything_is_sent() -> None:
    mediator = Mediator([])
    mediator.on_command(RetryLabInstance, carry_out)
    mediator.require([RetryLabInstance])
    with pytest.raises(UnhandledRequest, match="ExtendLabInstance, RestartLabInstance"):
        mediator.require([RetryLabInstance, ExtendLabInstance, RestartLabInstance])


async def test_a_question_is_answered_by_its_one_handler() -> None:
    async def seven(question: HowMany) -> int:
        return 7

    mediator = Mediator([])
    mediator.on_query(HowMany, seven)
    assert await mediator.ask(HowMany()) == 7


async def test_notifications_reach_those_who_listen_to_them_and_nobody_else() -> None:
    heard: list[Any] = []

    def listener(name: str) -> Any:
        async def listen(notification: Any) -> None:
            heard.append((name, notification))

        return listen

    mediator = Mediator([])
    for name in ("first", "second"):
        mediator.on_notification(News, listener(name))
    for _ in range(20):
        mediator.on_notification(OtherNews, listener("a stranger"))
    await mediator.publish(News(1))
    assert heard == [("first", News(1)), ("second", News(1))]
    await mediator.publish("something nobody listens to")
