"""What a start loads: imports are most of its time."""

import subprocess
import sys

_CLIENTS = {"grpc", "kurrentdbclient", "pymongo", "httpx"}
_PROGRAM = "import sys, api.command_line.cli; print(*sys.modules)"


def test_a_service_on_embedded_stores_loads_no_client() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {*done.stdout.split()}
    assert "infrastructure.wiring.bootstrap" in loaded
    assert loaded & _CLIENTS == set()
