"""An operator made with kopf posts Events about what it handles."""

import pytest

from tests.clients.operator import Operator
from tests.clients.rows import Row
from tests.clients.served import Served
from tests.scenarios.service import eventually


@pytest.mark.shows(Row.EVENTS, "ok")
async def test_an_operator_posts_events(operator: Operator, served: Served) -> None:
    operator.create("kopf-posted")
    selected = {"fieldSelector": "involvedObject.name=kopf-posted,reason=Grading"}

    async def posted() -> bool:
        with served.http() as http:
            answer = http.get("/api/v1/namespaces/default/events", params=selected)
            return answer.status_code == 200 and bool(answer.json()["items"])

    await eventually(posted)
