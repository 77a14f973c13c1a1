"""What a service does on a small disk of its own that it fills, and after room was made: run in
a mount namespace of its own, prints what was seen as JSON."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

from httpx import AsyncClient

from tests.scenarios.service import LABS, SPEC, Service, eventually

_FILLER = 6 * 1024 * 1024


async def see(data: Path) -> dict[str, object]:
    """Fill this small disk with labs, make room, and report the answers."""
    (data / "filler").write_bytes(b"\0" * _FILLER)
    service = Service(data, LAB_LOG_LEVEL="warning")
    await service.start()
    try:
        async with service.client() as client:
            created = await _fill(client)
            full = await client.get("/readyz")
            begun = time.monotonic()
            read = await client.get(LABS, params={"limit": 1})
            spent = time.monotonic() - begun
            (data / "filler").unlink()

            async def lists() -> bool:
                return (await client.get(LABS, params={"limit": 1})).status_code == 200

            await eventually(lists, within=60)
            listed = (await client.get(LABS)).json()["items"]
    finally:
        await service.stop()
    return {
        "ready": full.status_code,
        "read": [read.status_code, read.text, spent],
        "lost": sorted(created - {item["metadata"]["name"] for item in listed}),
        "log": service.logs.read_text(),
    }


async def _fill(client: AsyncClient) -> set[str]:
    """Create labs until some time after nothing more was taken; the names of those that were."""
    created: set[str] = set()
    refused = 0
    for number in range(2000):
        metadata = {"name": f"lab-{number}", "annotations": {"padding": "x" * 20_000}}
        body = {"apiVersion": "lab.neuroglia.com/v1", "kind": "LabInstance", "spec": SPEC}
        answer = await client.post(LABS, json={**body, "metadata": metadata})
        if answer.status_code == 201:
            created.add(f"lab-{number}")
        else:
            refused += 1
            await asyncio.sleep(0.05)
        if refused == 60:
            return created
    raise AssertionError("the disk is not full")


if __name__ == "__main__":
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", sys.argv[1]]
    subprocess.run(mount, check=True)
    json.dump(asyncio.run(see(Path(sys.argv[1]))), sys.stdout)
