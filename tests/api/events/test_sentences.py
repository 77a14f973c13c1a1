"""What Events say: of every fact something, of no person anything."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from api.events.sentences import Sentence, sentence_of
from domain.lab_instance.end_facts import Deleted, OrphanTerminated
from domain.lab_instance.events import (
    BecameReady,
    Failed,
    LabInstanceEvent,
    ProvisioningFailed,
    Remarked,
)
from infrastructure.codec.stored_names import STORED_NAMES
from tests.infrastructure.codec.events import fixed

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", get_args(LabInstanceEvent))
def test_events_say_something_of_every_fact(kind: type[LabInstanceEvent]) -> None:
    said = _said(_fixed(kind))
    assert said.reason
    assert said.message
    assert "@" not in said.message
    assert "None" not in said.message


@pytest.mark.parametrize(
    ("kind", "reason", "warning"),
    [
        (BecameReady, "BecameReady", False),
        (ProvisioningFailed, "ProvisioningFailed", True),
        (Failed, "Failed", True),
        (OrphanTerminated, "OrphanTerminated", True),
        (Deleted, "Deleted", True),
        (Remarked, "the reason", True),
    ],
)
def test_trouble_is_told_as_a_warning(
    kind: type[LabInstanceEvent], reason: str, warning: bool
) -> None:
    said = _said(_fixed(kind))
    assert (said.reason, said.warning) == (reason, warning)


def test_a_lab_that_went_in_order_is_no_trouble() -> None:
    assert not _said(Deleted(proof="nothing runs", left_behind=(), at=AT)).warning


def test_addresses_are_not_repeated_and_nobody_goes_on_for_ever() -> None:
    event: Any = fixed(Failed)
    said = _said(replace(event, message=f"no home for <ada@example.org> {'x' * 5000}"))
    assert said.message.startswith("it was given up, the reason: no home for <...>")
    assert len(said.message) == 1024


def _fixed(kind: Any) -> Any:
    return fixed(kind)


def _said(event: LabInstanceEvent) -> Sentence:
    return sentence_of(event, STORED_NAMES[type(event)])
