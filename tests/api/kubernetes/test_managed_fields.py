"""The managedFields that a client writes down itself."""

from typing import Any

import pytest

from api.http.refusals import BadRequest
from api.kubernetes.managed_fields import written_managers

_ENTRY = {
    "manager": "me",
    "operation": "Update",
    "time": "2026-01-01T00:00:00Z",
    "fieldsV1": {"f:spec": {}},
}


def written(entry: Any) -> Any:
    return written_managers({"metadata": {"managedFields": [entry]}}, {})


def test_an_entry_is_taken_as_it_is_written() -> None:
    [manager] = written(_ENTRY)
    assert (manager.manager, manager.operation) == ("me", "Update")


@pytest.mark.parametrize(
    "change",
    [
        {"time": "0001-01-01T00:00:00+23:59"},
        {"time": "9999-12-31T23:59:59-23:59"},
        {"time": 7},
        {"operation": ["Update"]},
        {"fieldsV1": [1]},
        {"manager": "m" * 129},
        {"subresource": "scale"},
    ],
    ids=["before", "after", "number", "list", "fields", "long", "subresource"],
)
def test_an_entry_that_is_none_is_a_bad_request(change: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="has an entry that is none"):
        written({**_ENTRY, **change})
