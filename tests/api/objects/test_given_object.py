"""An object's JSON is looked through on the event loop, so it is done soon however much it is."""

import time
from typing import Any

import pytest

from api.http.refusals import BadRequest
from api.objects.given_object import read_object
from api.objects.namespaces import NAMESPACE_OBJECTS

_MOST_SECONDS = 0.4  # of processor time; a look at each value by a call of its own took double


def _namespace(extra: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a"}, "extra": extra}


def _nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_depth_is_bounded_exactly() -> None:
    assert read_object(NAMESPACE_OBJECTS, _namespace(_nested(49))).unknown == ("extra",)
    with pytest.raises(BadRequest, match="nested too deeply"):
        read_object(NAMESPACE_OBJECTS, _namespace(_nested(50)))


@pytest.mark.parametrize("part", [[], "a"], ids=repr)
def test_a_million_values_are_looked_through_soon(part: Any) -> None:
    document = _namespace([part] * 1_000_000)
    begun = time.process_time()
    assert read_object(NAMESPACE_OBJECTS, document).unknown == ("extra",)
    assert time.process_time() - begun < _MOST_SECONDS
