"""Thawed values are made plainly, and are in all else as they were."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from inspect import signature

import pytest

from infrastructure.speed.thawed_values import OFTEN_MADE, thaw


def of_its_own() -> type:
    @dataclass(frozen=True, slots=True, order=True)
    class Value:
        place: int
        name: str = field(kw_only=True, metadata={"personal_data": True})
        labels: Mapping[str, str] = field(default_factory=dict, kw_only=True, compare=False)
        told: str = "nothing"

    return Value


def test_thawed_values_are_made_compared_hashed_copied_and_shown_as_before() -> None:
    frozen, thawed = of_its_own(), of_its_own()
    thaw([thawed])
    assert signature(thawed) == signature(frozen)
    one, same = thawed(1, name="a"), thawed(1, "nothing", name="a")
    assert (one == same, hash(one) == hash(frozen(1, name="a"))) == (True, True)
    assert repr(one) == repr(frozen(1, name="a"))
    assert one < replace(one, place=2)
    assert one.labels == {}
    assert one.labels is not same.labels


def test_values_are_only_guarded_while_they_are_frozen() -> None:
    frozen, thawed = of_its_own()(1, name="a"), of_its_own()
    with pytest.raises(AttributeError):
        frozen.place = 2
    thaw([thawed])
    thaw([thawed])
    value = thawed(1, name="a")
    value.place = 2
    assert value.place == 2
    with pytest.raises(AttributeError):
        value.unknown = 1


@pytest.mark.parametrize("type_", OFTEN_MADE, ids=lambda type_: type_.__name__)
def test_values_often_made_are_written_frozen_and_have_nothing_that_thawing_would_lose(
    type_: type,
) -> None:
    assert type_.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses' own
    assert not hasattr(type_, "__post_init__")
    assert all(each.init for each in fields(type_))
