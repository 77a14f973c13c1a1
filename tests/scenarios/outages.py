"""What the outages of the stores have in common."""

import os

import httpx

from tests.scenarios.service import LABS

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "1.5"))
"""How long a store is away; longer by hand."""


async def is_ready(client: httpx.AsyncClient, wanted: bool) -> bool:
    """Whether the service says that it is ready, or that it is not, as wanted."""
    return (await client.get("/readyz")).is_success is wanted


async def all_ready(client: httpx.AsyncClient, number: int) -> bool:
    """Whether so many labs are listed as ready."""
    wanted = {"fieldSelector": "status.state=ready", "limit": "10000"}
    answer = await client.get(LABS, params=wanted)
    return answer.is_success and len(answer.json()["items"]) == number
