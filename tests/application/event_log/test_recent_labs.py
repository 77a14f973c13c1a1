"""Labs are read on from what is remembered of them."""

from dataclasses import replace

import pytest

from application.event_log.labs import LABS, stream_of
from application.event_log.loading import Loaded, load
from application.event_log.recent_labs import RecentLabs, views_in
from application.ports.views import LabInstanceView
from domain.lab_instance.commands import LabInstanceCommand
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import Arrangement, arranged
from tests.application.event_log.reading import CountingReader
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import abandon, change, create, delete


def relabel(number: int) -> LabInstanceCommand:
    """A change that is one."""
    return replace(change, labels={"number": str(number)})


@pytest.fixture
def app() -> Arrangement:
    app = arranged()
    return replace(app, store=CountingReader(MemoryEventStore(app.clock)))


async def loaded(app: Arrangement, recent: RecentLabs) -> tuple[int, Loaded[LabInstanceView]]:
    """How many events were read for it, and the lab."""
    counting = app.store
    assert isinstance(counting, CountingReader)
    before = counting.read
    found = await recent.load(counting, LAB)
    return counting.read - before, found


async def send(app: Arrangement, *commands: LabInstanceCommand) -> None:
    for command in commands:
        await app.send(command)


async def test_only_what_came_since_is_read(app: Arrangement) -> None:
    recent = RecentLabs(views_in(app.read_model))
    await send(app, create, *[relabel(n) for n in range(50)])
    assert (await loaded(app, recent))[0] == 51
    await send(app, *[relabel(n) for n in range(100, 103)])
    read, found = await loaded(app, recent)
    assert read == 4
    assert found == await load(LABS, app.store, LAB)
    assert (await loaded(app, recent))[0] == 1


async def test_a_name_that_began_anew_is_read_on_into_its_new_life(app: Arrangement) -> None:
    recent = RecentLabs(views_in(app.read_model))
    await send(app, create, relabel(1))
    await loaded(app, recent)
    await send(app, delete, abandon, replace(create, uid="another"))
    _, found = await loaded(app, recent)
    assert found == await load(LABS, app.store, LAB)
    assert found.view is not None
    assert found.view.lab.uid == "another"


async def test_a_memory_that_the_log_does_not_bear_out_is_not_believed(
    app: Arrangement,
) -> None:
    recent, elsewhere = RecentLabs(views_in(app.read_model)), arranged()
    await elsewhere.send(create)
    await elsewhere.send(relabel(1))
    recent.remember(LAB, await load(LABS, elsewhere.store, LAB))
    await app.send(replace(create, labels={"put": "back"}))
    for _ in range(2):
        _, found = await loaded(app, recent)
        assert found == await load(LABS, app.store, LAB)
    assert [one.version async for one in app.store.read_stream(stream_of(LAB))] == [1]


async def test_a_lab_that_never_was_is_nothing(app: Arrangement) -> None:
    assert await loaded(app, RecentLabs(views_in(app.read_model))) == (
        0,
        Loaded(view=None, last=None),
    )
