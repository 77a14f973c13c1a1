"""What labs find under each user and each level: they try, and the machine is asked too."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infrastructure.process.accounts import RANGES
from infrastructure.process.programs import tool
from tests.hostile.confined import NOBODY, ConfinedService, ended_in_the_end, may_become_others
from tests.scenarios.service import history

pytestmark = pytest.mark.lab

ROOT_USER = 0
_WITHOUT = "/nonexistent"
_needs_root = pytest.mark.skipif(bool(may_become_others()), reason=may_become_others())


def _sees_nothing_of_others(found: dict[str, Any]) -> None:
    assert found["shadow"] is False
    assert found["secrets"] == []
    assert len(found["labs"]) == 1
    assert found["own"] == ["token", "work"]
    assert found["others"] == []
    assert found["kernel"] == []
    assert found["system"] == []
    assert found["capabilities"] == [0, 0, 0, 0]
    assert found["no_new_privs"] == 1
    assert found["writes"] is True


def _is_bounded(found: dict[str, Any]) -> None:
    assert found["temporary"] <= 3
    assert found["shared_memory"] <= 2
    assert found["forks"] < 60
    assert found["memory"] != 0, "600 MiB were taken of 200"
    assert found["reserves"] is True


@_needs_root
async def test_as_root_each_lab_is_a_user_of_its_own_in_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "data").symlink_to("disk")
    async with ended_in_the_end(ConfinedService(tmp_path / "data", user=ROOT_USER)) as service:
        await service.start()
        one = await service.report_of("one", OF_BOTH="lab", LD_PRELOAD="/no/such/library.so")
        two = await service.report_of("two")
        for found in (one, two):
            assert found["user"] == found["group"] in RANGES[0]
            assert found["groups"] == []
            _sees_nothing_of_others(found)
            _is_bounded(found)
            assert found["processes"] < 8
        assert one["user"] != two["user"]
        assert one["environment"]["OF_TEMPLATE"] == "template"
        assert one["environment"]["OF_BOTH"] == "lab"
        log = (tmp_path / "data/labs" / one["labs"][0] / "log").read_text()
        # The loader complains in each program that is given the variable: in the lab's own only.
        assert len(re.findall("/no/such/library.so", log)) == log.count("preloaded") <= 1


@_needs_root
@pytest.mark.parametrize("isolation", ["preferred", "none"])
async def test_as_root_without_bubblewrap_labs_still_are_users_of_their_own(
    tmp_path: Path, isolation: str
) -> None:
    service = ConfinedService(tmp_path / "data", user=ROOT_USER, programs=_WITHOUT)
    service.variables["LAB_ISOLATION"] = isolation
    async with ended_in_the_end(service):
        await service.start()
        found = await service.report_of("one")
        assert found["user"] == found["group"] in RANGES[0]
        _sees_nothing_of_others(found)
        await _says_so(service, found, "own-user")


@_needs_root
async def test_an_ordinary_users_labs_live_in_a_sandbox(tmp_path: Path) -> None:
    async with ended_in_the_end(ConfinedService(tmp_path / "data", user=NOBODY)) as service:
        await service.start()
        found = await service.report_of("one")
        assert found["user"] == NOBODY
        _sees_nothing_of_others(found)
        assert found["processes"] < 8
        assert found["lab"]["status"]["conditions"][1]["message"] == "isolation: bubblewrap"
        if os.uname().release >= "5.14":
            _is_bounded(found)


@_needs_root
async def test_an_ordinary_user_without_bubblewrap_is_told_so_everywhere(tmp_path: Path) -> None:
    service = ConfinedService(tmp_path / "data", user=NOBODY, programs=_WITHOUT)
    async with ended_in_the_end(service):
        await service.start()
        found = await service.report_of("one")
        assert found["secrets"], "nothing hides them: that is what is said"
        await _says_so(service, found, "process-group")


async def _says_so(service: ConfinedService, found: dict[str, Any], level: str) -> None:
    conditions = {one["type"]: one for one in found["lab"]["status"]["conditions"]}
    assert conditions["Provisioned"]["message"].startswith(f"isolation: {level} (")
    assert level in ("own-user", "process-group")
    async with service.client() as client:
        ready = await client.get("/readyz")
        became = [one for one in await history(client, "one") if "became-ready" in one["type"]]
    assert ready.status_code == 200
    assert ready.text.startswith(f"ok\nprovisioner: isolation: {level} (")
    assert f"{level} (" in str(became[0])
    early = service.logs.read_text()[:4000]
    assert "labs are not confined" in early or "labs run as users of their own" in early


@_needs_root
async def test_root_that_may_not_mount_gives_labs_users_of_their_own(tmp_path: Path) -> None:
    """As in most containers. What labs need must be within everybody's reach then."""
    with _passable() as place:
        service = _not_mounting(place / "data")
        service.variables["LAB_RUNTIME_PYTHON"] = "/usr/bin/python3"
        async with ended_in_the_end(service):
            await service.start()
            found = await service.report_of("one")
            assert found["user"] == found["group"] in RANGES[0]
            assert found["secrets"] == []
            assert found["shadow"] is False
            assert found["capabilities"] == [0, 0, 0, 0]
            assert found["writes"] is True
            await _says_so(service, found, "own-user")


@_needs_root
async def test_root_that_may_not_mount_refuses_a_python_that_labs_cannot_reach(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python").symlink_to("/usr/bin/python3")
    service = _not_mounting(tmp_path / "data")
    service.variables["LAB_RUNTIME_PYTHON"] = str(closed / "python")
    async with ended_in_the_end(service):
        with pytest.raises(AssertionError, match="labs are never run as root"):
            await service.start()


@contextmanager
def _passable() -> Iterator[Path]:
    """A directory that everybody may pass through, as few of the tests' own are."""
    with tempfile.TemporaryDirectory(prefix="labs-", dir="/tmp") as place:
        Path(place).chmod(0o711)
        yield Path(place)


def _not_mounting(data_dir: Path) -> ConfinedService:
    service = ConfinedService(data_dir, user=ROOT_USER, programs=_WITHOUT)
    service.before = [tool("setpriv"), "--bounding-set=-sys_admin", "--inh-caps=-all", "--"]
    return service
