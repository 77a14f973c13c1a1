"""One service for each test process, the kubectls of this machine, and an operator."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.kubectl import Kubectl
from tests.clients.operator import Operator, operating
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


@pytest.fixture(scope="module")
def operator(served: Served) -> Iterator[Operator]:
    """An operator made with kopf. It runs while the tests of a module do."""
    with operating(served) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests carry their cells of the table: `@pytest.mark.shows(row, outcome)`."""
    for item in items:
        for mark in item.iter_markers("shows"):
            row, expected = mark.args
            client = _client_of(item)
            item.user_properties.append((PROPERTY, [client, row.value, expected]))


def _client_of(item: pytest.Item) -> str:
    callspec: Any = getattr(item, "callspec", None)
    return callspec.params["kubectl"] if callspec and "kubectl" in callspec.params else "kopf"
