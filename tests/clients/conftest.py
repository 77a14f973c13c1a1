"""One service for each test process, and the kubectls of this machine."""

from collections.abc import Iterator

import pytest

from tests.clients.kubectl import Kubectl
from tests.clients.served import Served, kubectls, serving
from tests.clients.table import PROPERTY


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service. Tests share it and keep apart by the names of their labs."""
    with serving(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture(scope="session", params=kubectls())
def kubectl(request: pytest.FixtureRequest, served: Served) -> Kubectl:
    """Each kubectl of this machine."""
    return Kubectl(request.param, kubectls()[request.param], served)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of kubectl carry their cell of the table: `@pytest.mark.shows(row, outcome)`."""
    for item in items:
        mark = item.get_closest_marker("shows")
        if mark is not None:
            row, expected = mark.args
            client = getattr(item, "callspec").params["kubectl"]  # noqa: B009
            item.user_properties.append((PROPERTY, [client, row.value, expected]))
