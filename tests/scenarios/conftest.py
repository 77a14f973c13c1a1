"""Services that leave no process behind: neither themselves nor their labs."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.infrastructure.process.ground import leave_no_group
from tests.kurrentdb_server.process import server_process
from tests.scenarios.processes import kill_tree, lab_processes
from tests.scenarios.service import Service
from tests.scenarios.stores import EMBEDDED, Stores, kinds_for

NewService = Callable[..., Service]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every scenario runs on each kind of stores that makes sense for it."""
    if "stores" in metafunc.fixturenames:
        kinds = kinds_for(metafunc.module.__name__, metafunc.function.__name__)
        metafunc.parametrize("stores", kinds, indirect=True)


@pytest.fixture
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """The stores of one scenario: files, or a server of its own and a database of its own."""
    if request.param == EMBEDDED:
        yield Stores(embedded=True)
        return
    views: str = request.getfixturevalue("mongodb_uri")
    with server_process() as events:
        variables = {"LAB_EVENT_STORE": events.uri, "LAB_READ_MODEL": views}
        yield Stores(embedded=False, variables=variables)


@pytest.fixture
async def new_service(tmp_path: Path, stores: Stores) -> AsyncIterator[NewService]:
    """Makes services; all of one test share a data directory unless another is named."""
    made: list[Service] = []

    def make(data_dir: str = "data", **variables: str) -> Service:
        service = Service(tmp_path / data_dir, **{**stores.variables, **variables})
        made.append(service)
        return service

    yield make
    for service in made:
        await service.kill()
        for pid in lab_processes(service.data_dir):
            kill_tree(pid)
        leave_no_group(service.data_dir)
