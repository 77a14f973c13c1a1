"""What a line of the log says of the command it served."""

import asyncio

import pytest

from application.mediator.mediator import Command, Outcome, RequestContext
from domain.api_object.commands import CompleteRemoval
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from infrastructure.telemetry.log_context import present_context
from infrastructure.telemetry.logged_commands import log_command
from tests.infrastructure.telemetry.facts import CONTEXT


def test_a_command_on_an_api_object_is_logged_with_the_object() -> None:
    seen: dict[str, str] = {}

    async def handler(_command: Command, _context: RequestContext) -> Outcome:
        seen.update(present_context())
        raise RuntimeError

    key = ApiObjectKey(kind=ApiObjectKind.NAMESPACE, namespace="", name="class")
    with pytest.raises(RuntimeError):
        asyncio.run(log_command(CompleteRemoval(key=key, uid="u-1"), CONTEXT, handler))
    assert seen == {
        "object": str(key),
        "uid": "u-1",
        "command": "CompleteRemoval",
        "correlationId": "story",
        "traceId": "0af7651916cd43dd8448eb211c80319c",
    }
