"""Which ports a service opens."""

import asyncio
import json
from pathlib import Path

from tests.scenarios.service import command, environment


async def test_plain_http_that_is_switched_off_is_not_served(tmp_path: Path) -> None:
    settings = {
        "LAB_DATA_DIR": str(tmp_path / "data"),
        "LAB_HTTP_PORT": "off",
        "LAB_HTTPS_PORT": "0",
        "LAB_PROVISIONER": "simulated",
    }
    service = await asyncio.create_subprocess_exec(
        *command(), env=environment(settings), stderr=asyncio.subprocess.PIPE
    )
    assert service.stderr is not None
    served: list[str] = []
    async with asyncio.timeout(60):
        while not served:
            line = await service.stderr.readline()
            assert line, "it has ended"
            served += _address(line)
        service.terminate()
        rest = await service.stderr.read()
        assert await service.wait() == 0
    served += [address for line in rest.splitlines() for address in _address(line)]
    assert [address.partition(":")[0] for address in served] == ["https"]


def _address(line: bytes) -> list[str]:
    told = json.loads(line) if line.startswith(b"{") else {}
    return [told["address"]] if told.get("message") == "serving" else []
