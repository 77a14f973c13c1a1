"""A ground for each level of isolation that this machine has."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infrastructure.process.provisioner import ProcessProvisioner
from tests.infrastructure.process.ground import Ground, bubblewrap_missing, closing


@pytest.fixture(
    params=[
        "none",
        pytest.param(
            "bubblewrap",
            marks=pytest.mark.skipif(bool(bubblewrap_missing()), reason=bubblewrap_missing()),
        ),
    ]
)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    return Ground(data_dir=tmp_path / "data", level=request.param)


@pytest.fixture
def plain_ground(tmp_path: Path) -> Ground:
    """For what has nothing to do with isolation."""
    return Ground(data_dir=tmp_path / "data", level="none")


@pytest.fixture
async def provisioner(ground: Ground) -> AsyncIterator[ProcessProvisioner]:
    made = ground.provisioner()
    async with closing(ground, made):
        yield made
