"""`labctl audit` with a real service: what is signed, shown, remembered, exported and proved."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner, Result

from api.command_line.cli import app
from infrastructure.auditing import verify_bundle
from infrastructure.data_directory.claim import database_in
from infrastructure.sqlite.connections import connect
from tests.scenarios.conftest import NewService
from tests.scenarios.service import Service, create, eventually, until_state

SIMULATED = {"LAB_PROVISIONER": "simulated", "LAB_SIMULATED_DELAY": "0"}


async def audit(service: Service, *arguments: str) -> Result:
    """What came of a command, by somebody who remembers."""
    state = service.data_dir.parent / "state"
    variables = {"LAB_DATA_DIR": str(service.data_dir), "XDG_STATE_HOME": str(state)}

    def run() -> Result:
        return CliRunner().invoke(app, ["audit", *arguments], env=variables)

    return await asyncio.to_thread(run)


async def checkpoint(service: Service) -> str:
    """The first one that is shown."""

    async def is_shown() -> bool:
        return (await audit(service, "checkpoint")).exit_code == 0

    await eventually(is_shown)
    return (await audit(service, "checkpoint")).stdout


async def test_a_service_is_proved_to_strangers(new_service: NewService, tmp_path: Path) -> None:
    service = new_service(**SIMULATED)
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        shown = await checkpoint(service)
        await create(client, "bob")
        await until_state(client, "bob", "ready")
    await service.stop()

    looked = await audit(service, "verify")
    assert (looked.exit_code, "nothing is other than it was written" in looked.stdout) == (0, True)
    assert "covered by no signed checkpoint" not in looked.stdout
    key = (await audit(service, "key")).stdout.strip()
    assert shown.startswith(key.partition("+")[0])

    bundle = tmp_path / "bundle"
    done = await audit(service, "export", "--lab", "default/ann", "-o", str(bundle))
    assert done.exit_code == 0, done.stderr
    assert verify_bundle.verify(bundle.read_bytes(), key)[0] == []

    connection = connect(database_in(service.data_dir))
    connection.execute("UPDATE events SET id = zeroblob(16) WHERE position = 3")
    connection.close()
    found = await audit(service, "verify")
    assert found.exit_code == 1
    assert "found: position 3 (" in found.stdout
