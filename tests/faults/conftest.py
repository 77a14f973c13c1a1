"""Services whose files are harmed while they are down; none leaves a process behind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.infrastructure.process.ground import leave_no_group
from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import Service

NewService = Callable[..., Service]


@pytest.fixture
async def new_service(tmp_path: Path) -> AsyncIterator[NewService]:
    """Makes services on the embedded stores, all on one data directory."""
    made: list[Service] = []

    def make(**variables: str) -> Service:
        made.append(Service(tmp_path / "data", **variables))
        return made[-1]

    yield make
    for service in made:
        await service.kill()
        for pid in lab_processes(service.data_dir):
            kill_tree(pid)
        leave_no_group(service.data_dir)
