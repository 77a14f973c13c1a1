"""Says what the contract suite has not run over here, and how to have it do so."""

import pytest

from tests.contracts.event_stores import REAL_SERVER, docker_answers


def test_the_contract_is_kept_by_a_server_of_ones_own() -> None:
    if not REAL_SERVER:
        pytest.skip("KURRENTDB_URI names no server, such as esdb://127.0.0.1:2113?Tls=false")


@pytest.mark.external
def test_the_contract_is_kept_by_servers_in_containers() -> None:
    if not docker_answers():
        pytest.skip("there is no Docker here to run a server in a container")
