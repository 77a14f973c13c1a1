"""Runs a library's program against the service, and reads what it tells."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.clients.served import Served, python_of_clients

ROOT = Path(__file__).resolve().parents[2]
_WITHIN = 100


def outcomes_of(program: str, served: Served, *arguments: str) -> Mapping[str, str]:
    """The outcome of each row that the program exercises."""
    plain = f"http://127.0.0.1:{served.service.port}"
    done = subprocess.run(
        [python_of_clients(), "-m", f"tests.clients.programs.{program}", *arguments],
        cwd=ROOT,
        env=served.variables(PLAIN_HTTP=plain),
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["row"]: line["outcome"] for line in told}
