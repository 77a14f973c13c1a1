"""The client libraries with what stands beside labs: Events, reviews, and definitions of kinds."""

from collections.abc import Callable

import pytest

from tests.clients.libraries import outcomes_of
from tests.clients.rows import Row
from tests.clients.served import Served
from tests.clients.table import PROPERTY


@pytest.mark.parametrize(
    ("client", "row"),
    [
        ("kubernetes", Row.EVENTS),
        ("kubernetes", Row.ACCESS),
        ("kr8s", Row.EVENTS),
        ("kr8s", Row.ACCESS),
        ("lightkube", Row.DISCOVERY),
    ],
)
def test_the_client_does_what_the_row_says(
    client: str, row: Row, served: Served, record_property: Callable[[str, object], None]
) -> None:
    record_property(PROPERTY, [client, row.value, "ok"])
    told = outcomes_of(f"of_{client}", served, "beside")
    assert told[row] == "ok"
