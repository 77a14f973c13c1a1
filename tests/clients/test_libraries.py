"""The client libraries of Python, each with all that it can do."""

from collections.abc import Callable, Mapping

import pytest

from tests.clients.libraries import outcomes_of
from tests.clients.rows import Row
from tests.clients.served import Served
from tests.clients.table import PROPERTY

OK: Mapping[Row, str] = {
    Row.LIST: "ok",
    Row.CREATE: "ok",
    Row.PATCH: "ok",
    Row.WATCH: "ok",
    Row.DELETE: "ok",
}
EXPECTED: Mapping[str, Mapping[Row, str]] = {
    "kubernetes": {
        **OK,
        Row.DISCOVERY: "ok",
        Row.SERVER_APPLY: "ok",
        Row.STATUS: "ok",
        Row.SCALE: "ok",
        Row.STRATEGIC: "415",
        Row.TOO_OLD: "raises",
        Row.CLOSED: "reconnects",
        Row.PLAIN_TOKEN: "sent",
    },
    "kubernetes_asyncio": {**OK, Row.DISCOVERY: "ok", Row.STRATEGIC: "JSON: 400"},
    "kr8s": {
        **OK,
        Row.DISCOVERY: "ok",
        Row.PAGING: "ok",
        Row.STATUS: "ok",
        Row.SCALE: "ok by patch",
        Row.WAIT: "ok",
        Row.PLAIN_TOKEN: "sent",
    },
    "lightkube": {
        **OK,
        Row.PAGING: "ok",
        Row.SERVER_APPLY: "ok",
        Row.STATUS: "ok",
        Row.SCALE: "ok",
        Row.STRATEGIC: "415",
        Row.TOO_OLD: "raises",
        Row.CLOSED: "reconnects",
        Row.WAIT: "ok",
    },
}
CELLS = [(client, row) for client, rows in EXPECTED.items() for row in rows]
Outcomes = Callable[[str], Mapping[str, str]]


@pytest.fixture(scope="module")
def outcomes(served: Served) -> Outcomes:
    """What each program tells; each runs once."""
    served.make_namespace("lightkube")
    told: dict[str, Mapping[str, str]] = {}

    def of(client: str) -> Mapping[str, str]:
        if client not in told:
            told[client] = outcomes_of(f"of_{client}", served)
        return told[client]

    return of


@pytest.mark.parametrize(("client", "row"), CELLS)
def test_the_client_does_what_the_row_says(
    client: str,
    row: Row,
    outcomes: Outcomes,
    record_property: Callable[[str, object], None],
) -> None:
    expected = EXPECTED[client][row]
    record_property(PROPERTY, [client.replace("_", "-"), row.value, expected])
    assert outcomes(client)[row] == expected
