"""Requests made from the service's own OpenAPI documents, by the thousand: whatever is sent, the
service makes no mistake of its own. More, and every boundary: CLIENTS_FUZZ_EXAMPLES=300."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.clients.libraries import ROOT
from tests.clients.served import CLIENTS, Served, python_of_clients
from tests.scenarios.service import LABS, manifest

EXAMPLES = os.environ.get("CLIENTS_FUZZ_EXAMPLES", "")
HOW = ("coverage,fuzzing", EXAMPLES) if EXAMPLES else ("fuzzing", "4")
_HOOKS = "tests.clients.programs.fuzz_hooks"


@pytest.fixture(scope="module", autouse=True)
def _labs_to_go_for(served: Served) -> None:
    python_of_clients()
    with served.http() as http:
        for number in range(1, 4):
            http.post(LABS, json=manifest(f"fuzz-{number}"))


@pytest.mark.timeout(1200)
def test_no_request_of_the_whole_document_brings_out_a_mistake(served: Served) -> None:
    with served.http() as http:
        _fuzz(served, http.get("/openapi.json").json())


@pytest.mark.timeout(1200)
def test_no_request_of_the_groups_documents_brings_out_a_mistake(served: Served) -> None:
    with served.http() as http:
        index = http.get("/openapi/v3").json()["paths"]
        documents = [http.get(place["serverRelativeURL"]).json() for place in index.values()]
    whole = documents[0]
    for each in documents[1:]:
        whole["paths"] |= each["paths"]
        whole["components"]["schemas"] |= each["components"]["schemas"]
    _fuzz(served, whole)


def _fuzz(served: Served, document: Any) -> None:
    phases, examples = HOW
    address = f"http://127.0.0.1:{served.service.port}"
    file = served.home / "openapi.json"
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [
            *(CLIENTS / "bin" / "st", "run", file, "--url", address),
            *("--checks", "the_service_makes_no_mistake", "--continue-on-failure", "--no-shrink"),
            *("--phases", phases, "--max-examples", examples, "--seed", "1"),
            *("--warnings", "off", "--request-timeout", "20"),
        ],
        env=served.variables(
            SCHEMATHESIS_HOOKS=_HOOKS, PYTHONPATH=str(ROOT), LABS_TOKEN=served.service.token
        ),
        cwd=served.home,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout
