"""Says what the contract suite has not run over here, and how to have it do so."""

import pytest

from tests.contracts.event_stores import IMAGES, REAL_SERVER, docker_answers, kinds


def test_the_contract_suite_runs_over_a_server_of_ones_own() -> None:
    if not REAL_SERVER:
        pytest.skip("KURRENTDB_URI names no server, such as esdb://127.0.0.1:2113?Tls=false")
    assert (REAL_SERVER,) in _parameters()


@pytest.mark.external
def test_the_contract_suite_runs_over_servers_in_containers() -> None:
    if not docker_answers():
        pytest.skip("there is no Docker here to run a server in a container")
    assert _parameters() >= {(image,) for image in IMAGES}


def _parameters() -> set[tuple[str, ...]]:
    """What the contract suite runs over, besides what every machine has."""
    return {kind.values for kind in kinds() if not isinstance(kind, str)}
