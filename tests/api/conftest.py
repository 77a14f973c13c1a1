"""What nearly every test of the API starts from."""

from collections.abc import AsyncIterator

import pytest

from tests.api.arrangement import Api, serving


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """The API over memory."""
    async with serving() as running:
        yield running


@pytest.fixture
async def three(api: Api) -> Api:
    """Three labs; `a` is ready."""
    await api.create("c", labels={"course": "python", "tier": "gold"})
    await api.create("b", labels={"course": "go"})
    await api.create("a", labels={"course": "python"})
    await api.make_ready("a")
    return api
