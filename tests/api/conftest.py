"""The fixture that nearly every test of the API starts from."""

from collections.abc import AsyncIterator

import pytest

from tests.api.arrangement import Api, serving


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """The API over memory."""
    async with serving() as running:
        yield running
