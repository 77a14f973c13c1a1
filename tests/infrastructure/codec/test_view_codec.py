"""Labs as documents read back equal, at any point of any history."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.lab_instance.events import LabInstanceEvent
from domain.lab_instance.evolve import evolve
from infrastructure.codec.view_codec import LAB_DOCUMENT
from tests.contracts.given import created
from tests.infrastructure.codec.events import INSTANTS, LAB_EVENTS


@given(st.lists(LAB_EVENTS, max_size=6), INSTANTS)
def test_any_lab_reads_back_equal(history: list[LabInstanceEvent], at: datetime) -> None:
    lab = evolve(None, created("lab", labels={"a": "b"}))
    for event in history:
        lab = evolve(lab, event)
    assert lab is not None
    odd = replace(lab, ready_at=at, next_retry_at=at)

    assert LAB_DOCUMENT.decode(LAB_DOCUMENT.encode(lab)) == lab
    assert LAB_DOCUMENT.decode(LAB_DOCUMENT.encode(odd)) == odd
