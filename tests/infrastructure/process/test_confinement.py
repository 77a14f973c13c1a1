"""What a lab can see and change, and who can see its secrets."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from application.ports.provisioner import ProvisionerUnavailable, RuntimeRefused
from infrastructure.process.cgroups import pids_in
from infrastructure.process.confinement import Confinement, Lodging
from infrastructure.process.files import LabFiles
from infrastructure.process.lab_log import read_tail
from infrastructure.process.limit_groups import find_limit_groups
from infrastructure.process.provisioner import ProcessProvisioner
from infrastructure.templates.definition import Resources
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing, shown_of
from tests.infrastructure.process.scripts import FAILING, REPORTING, TALKING
from tests.servers.plain_http import NO_TLS


async def seen_inside(ground: Ground, **environment: str) -> dict[str, Any]:
    """What a lab of this ground reports about itself."""
    template = ground.add_template(
        "reporting", REPORTING, resources="{openFiles: 100, memoryMib: 1000}"
    )
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        (ground.data_dir).mkdir(exist_ok=True)
        (ground.data_dir / "admin.token").write_text("secret")
        await provisioner.ensure(request("uid-2"))
        await provisioner.ensure(request(template=template, environment=environment))
        await running(provisioner, "uid-1")
        text = (ground.path_of("uid-1") / "work/seen.json").read_text()
        seen: dict[str, Any] = json.loads(text)
        return seen


async def test_the_environment_holds_the_tags_and_the_students_variables_only(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_ADMIN_SECRET", "of the service")
    seen = await seen_inside(ground, COLOUR="blue", LAB_UID="forged", HOME="/etc")
    environment = seen["environment"]
    assert environment["COLOUR"] == "blue"
    assert environment["LAB_UID"] == "uid-1"
    assert environment["LAB_ID"] == "class/uid-1"
    assert environment["LAB_REVISION"] == "1"
    assert environment["HOME"] == seen["cwd"] == str(ground.path_of("uid-1") / "work")
    assert "LAB_ADMIN_SECRET" not in environment


async def test_the_labs_own_variables_win_over_its_templates(plain_ground: Ground) -> None:
    template = plain_ground.add_template(
        "dressed", REPORTING, environment="{COLOUR: red, SHAPE: round}"
    )
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        wanted = {"COLOUR": "blue"}
        await provisioner.ensure(request(template=template, environment=wanted))
        await running(provisioner, "uid-1")
        seen = json.loads((plain_ground.path_of("uid-1") / "work/seen.json").read_text())
    assert (seen["environment"]["COLOUR"], seen["environment"]["SHAPE"]) == ("blue", "round")


def test_where_nothing_counts_memory_its_data_is_limited_and_never_the_address_space(
    tmp_path: Path,
) -> None:
    lodging = Lodging(
        files=LabFiles(tmp_path, "uid-1"),
        directory=tmp_path,
        limits=Resources(memory_mib=100),
        account=0,
    )
    words = Confinement(lab_python=Path(sys.executable)).words(lodging, ["program"])
    [limits] = [word for word in words if word.startswith("NOFILE=")]
    assert f"DATA={100 * 1024 * 1024}" in limits
    assert "AS=" not in limits


async def test_the_limits_are_in_force(ground: Ground) -> None:
    seen = await seen_inside(ground)
    assert seen["nofile"] == [100, 100]
    assert seen["core"] == [0, 0]
    assert seen["address_space"] == [-1, -1], "WebAssembly reserves far more than it uses"
    memory = 1000 * 1024 * 1024
    groups = find_limit_groups(f"labs-{ground.owner}", change=False)
    counted = "memory" in groups.parents
    assert seen["memory"] == ([-1, -1] if counted else [memory, memory])
    if ground.level_in_use != "process-group":
        assert seen["processes"] == [1024, 1024]


async def test_a_lab_stands_behind_the_service_and_is_in_no_hurry_once_it_is_ready(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    pids = ground.pids_of("uid-1")
    own = int(shown_of(os.getpid(), "oom_score_adj"))
    behind = {str(min(own + 500, 1000))}
    assert {shown_of(pid, "oom_score_adj").strip() for pid in pids} == behind
    groups = find_limit_groups(f"labs-{ground.owner}", change=False)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    if "cpu" not in groups.parents:
        nicer = {min(own + 5, 19)}
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in pids} == nicer
        return
    assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in pids} == {own}
    group = groups.parents["cpu"] / "uid-1"
    file, usual = ("cpu.weight", "100") if groups.unified else ("cpu.shares", "1024")
    for parent in set(groups.parents.values()):
        assert set(pids_in(parent / "uid-1")) == set(pids)
    assert (group / file).read_text().strip() == usual


async def test_a_confined_lab_sees_neither_secrets_nor_other_labs_nor_processes(
    ground: Ground,
) -> None:
    if ground.level != "bubblewrap":
        pytest.skip("the weaker level hides nothing, and its health says so")
    seen = await seen_inside(ground)
    assert seen["data"] == ["labs"]
    assert seen["labs"] == ["uid-1"]
    assert seen["own"] == ["token", "work"]
    home = seen["cwd"]
    assert seen["writable"] == {"/etc": False, "/usr": False, home: True}
    assert max(seen["pids"]) < 10
    assert int(seen["capabilities"][0].split()[1], 16) == 0


async def test_the_weaker_level_says_what_it_means(plain_ground: Ground) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        health = await provisioner.probe()
    assert health.isolation == plain_ground.level_in_use
    assert "LAB_ISOLATION=none" in health.message


async def test_secrets_and_variables_are_not_in_what_everybody_can_see(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request(environment={"SECRET": "hush-hush"}))
    await running(provisioner, "uid-1")
    token = (ground.path_of("uid-1") / "token").read_text()
    for pid in ground.pids_of("uid-1"):
        assert token not in shown_of(pid, "cmdline")
        assert "hush-hush" not in shown_of(pid, "cmdline")
        assert token not in shown_of(pid, "environ")
    assert (ground.path_of("uid-1") / "token").stat().st_mode & 0o777 == 0o600
    assert ground.path_of("uid-1").stat().st_mode & 0o777 == 0o700
    assert token not in json.dumps(ground.record_of("uid-1"))
    assert "hush-hush" not in json.dumps(ground.record_of("uid-1"))


async def test_only_the_link_with_the_token_opens_the_lab(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    endpoint = (await running(provisioner, "uid-1")).endpoint
    token = (ground.path_of("uid-1") / "token").read_text()
    assert token not in endpoint
    async with httpx.AsyncClient(follow_redirects=True, verify=NO_TLS) as client:
        assert (await client.get(endpoint)).status_code == 403
        assert (await client.get(f"{endpoint}?token=wrong")).status_code == 403
        opened = await client.get(await provisioner.access("uid-1"))
        assert opened.status_code == 200
        assert "It works" in opened.text
        assert token not in str(opened.url)


async def test_each_revision_has_a_token_of_its_own(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    first = (ground.path_of("uid-1") / "token").read_text()
    await provisioner.ensure(request(revision=2))
    await running(provisioner, "uid-1")
    assert (ground.path_of("uid-1") / "token").read_text() != first


async def test_the_log_is_shown_without_the_token_and_stays_bounded(
    plain_ground: Ground,
) -> None:
    plain_ground.settings["log_limit"] = 100_000
    template = plain_ground.add_template("talking", TALKING)
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        shown = await provisioner.logs("uid-1", tail=100_000)
        assert "the token is [secret]\n" in shown
        moved = plain_ground.path_of("uid-1") / "log.old"
        while not moved.exists():
            await provisioner.observe("uid-1")
        lines = (await provisioner.logs("uid-1", tail=7)).splitlines()
        assert len(lines) == 7
        assert all(line.startswith("line ") for line in lines[:-1])
        assert await provisioner.logs("uid-1", tail=0) == ""


@pytest.mark.parametrize("name", ["token", "access_token", "TOKEN"])
def test_links_of_earlier_runtimes_are_shown_without_their_tokens(
    tmp_path: Path, name: str
) -> None:
    log = tmp_path / "log"
    log.write_text(f"open http://localhost:1/?{name}=of-yesterday&x=1 now\n")
    shown = read_tail(log, lines=1, secret="of-today")
    assert shown == f"open http://localhost:1/?{name}=[secret]&x=1 now\n"


async def test_an_early_end_is_told_with_its_last_words_but_without_the_token(
    ground: Ground,
) -> None:
    template = ground.add_template("failing", FAILING)
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request(template=template))
        seen = await ended(provisioner, "uid-1")
    assert seen.reason == "ProcessExited"
    assert seen.message.endswith(
        "it exited with status 3; its last words: cannot go on with [secret]"
    )


async def test_a_variable_that_cannot_be_set_is_refused_for_good(
    provisioner: ProcessProvisioner,
) -> None:
    with pytest.raises(RuntimeRefused) as caught:
        await provisioner.ensure(request(environment={"A=B": "c"}))
    assert caught.value.permanent


async def test_a_data_directory_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ground = Ground(data_dir=tmp_path / "file/data", level="none")
    provisioner = ground.provisioner()
    with pytest.raises(ProvisionerUnavailable):
        await provisioner.probe()
    with pytest.raises(ProvisionerUnavailable):
        await provisioner.ensure(request())
    await provisioner.close()
