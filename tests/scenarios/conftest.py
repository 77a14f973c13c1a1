"""Services that leave no process behind: neither themselves nor their labs."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import Service

NewService = Callable[..., Service]


@pytest.fixture
async def new_service(tmp_path: Path) -> AsyncIterator[NewService]:
    """Makes services; all of one test share a data directory unless another is named."""
    made: list[Service] = []

    def make(data_dir: str = "data", **variables: str) -> Service:
        service = Service(tmp_path / data_dir, **variables)
        made.append(service)
        return service

    yield make
    for service in made:
        await service.kill()
        for pid in lab_processes(service.data_dir):
            kill_tree(pid)
