"""One service for the attacks of each file."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.scenarios.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("hostile-peer") / "data"
    service = Service(data, LAB_MAX_CONNECTIONS="400")
    asyncio.run(service.start(within=60))
    yield service
    asyncio.run(service.stop())
