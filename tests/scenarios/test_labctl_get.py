"""`labctl get` against a real service over TLS: the present, and any moment of the past."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from api.command_line.cli import app
from tests.scenarios.conftest import NewService
from tests.scenarios.service import LABS, Service, create, history, until_state


@dataclass
class Printed:
    """What a command printed, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Past:
    """A service that has seen a lab `ann` come and go, and a lab `bob` come."""

    service: Service
    created_at: str
    ready_at: str

    async def get(self, *arguments: str) -> Printed:
        return await labctl(self.service.data_dir, *arguments)


async def labctl(data_dir: Path, *arguments: str, command: str = "get") -> Printed:
    """`labctl get`, or another command, with the service's directory and nothing else to go by."""
    variables = {"LAB_DATA_DIR": str(data_dir)}

    def run() -> Printed:
        told = CliRunner().invoke(app, [command, *arguments], env=variables)
        return Printed(told.exit_code, told.stdout, told.stderr)

    return await asyncio.to_thread(run)


@pytest.fixture
async def past(new_service: NewService) -> Past:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        await client.delete(f"{LABS}/ann")
        await until_state(client, "ann", "deleted")
        facts = await history(client, "ann")
        await create(client, "bob")
        await until_state(client, "bob", "ready")
    ready = next(fact for fact in facts if "became-ready" in fact["type"])
    return Past(service, created_at=facts[0]["position"], ready_at=ready["recordedAt"])


async def test_the_past_is_printed_as_the_present_is(past: Past) -> None:
    now = (await past.get("labs")).stdout.splitlines()
    assert now[0].split() == [
        *("NAME", "STATE", "TEMPLATE", "STUDENT", "READY", "ENDPOINT", "EXPIRES", "AGE")
    ]
    assert [line.split()[:2] for line in now[1:]] == [["bob", "ready"]]

    at_a_time = await past.get("labs", "--at", past.ready_at)
    assert [line.split()[:2] for line in at_a_time.stdout.splitlines()[1:]] == [["ann", "ready"]]

    at_a_position = await past.get("labs", "--at", past.created_at, "-A", "-o", "wide")
    assert at_a_position.stdout.splitlines()[1].split()[:3] == ["default", "ann", "pending"]

    for output, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        told = await past.get("lab", "ann", "--at", past.created_at, "-o", output)
        assert read(told.stdout)["status"]["state"] == "pending"

    nothing = await past.get("labs", "-l", "course=none")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "No labs found.\n")

    for arguments, said in {
        ("lab", "ann"): 'labinstances.lab.neuroglia.com "ann" not found',
        ("lab", "bob", "--at", past.created_at): f"not found at {past.created_at}",
        ("lab", "ann", "--at", "2001-01-01T00:00:00Z"): "nothing had been recorded yet",
        ("labs", "--at", "2001-01-01T00:00:00Z"): "nothing had been recorded yet",
        ("labs", "--at", "9" * 12): "Too large resource version",
        ("labs", "--at", "0"): "a position from 1",
        ("labs", "--at", "yesterday"): "nothing had been recorded yet",
        ("labs", "--at", "tomorrow"): "'tomorrow' is no moment: say now, today, yesterday",
        ("labs", "--at", "-2y"): "is no moment",
        ("labs", "-l", "a=("): "unable to parse requirement",
        ("pods",): "say what to get",
    }.items():
        await _is_refused(past, arguments, said)

    told = await labctl(past.service.data_dir, past.created_at, "now", command="diff")
    assert [line for line in told.stdout.splitlines() if not line.startswith(" ")] == [
        "- default/ann (pending)",
        "+ default/bob (ready)",
    ]
    same = await labctl(past.service.data_dir, "-0s", "-n", "default", command="diff")
    assert (same.stdout, same.stderr) == ("", "No differences.\n")

    await past.service.stop()
    await _is_refused(past, ("labs",), "the service does not answer at https://127.0.0.1:")


async def test_a_service_that_never_ran_is_told_in_a_line(tmp_path: Path) -> None:
    told = await labctl(tmp_path, "labs")
    assert told.exit_code == 1
    assert told.stderr.endswith("it is made when the service starts\n")


async def _is_refused(past: Past, arguments: tuple[str, ...], said: str) -> None:
    told = await past.get(*arguments)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("labctl: ")
    assert said in told.stderr
    assert told.stderr.count("\n") == 1
    assert past.service.token not in told.stderr
