"""Labs of the past, from the index and, where it is not as far, from the log."""

from collections.abc import AsyncIterator
from dataclasses import replace

from application.event_log.freshness import Freshness
from application.event_log.progress import Progress
from application.mediator.questions import AtPosition, ListLabInstances
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.selectors import EVERYTHING
from application.queries.past_labs import PastLabs
from domain.lab_instance.key import LabKey
from infrastructure.memory.past_index import MemoryPastIndex
from infrastructure.memory.read_model import MemoryReadModel
from tests.application.arrangement import Arrangement, arranged
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import abandon, create
from tests.fakes.event_store import TroubledEventStore


class CountedReadings(TroubledEventStore):
    """Counts how often the whole log is read from its start."""

    readings = 0

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        self.readings += after == 0
        async for recorded in super().read_all(after=after):
            yield recorded


def without_index(store: EventStore) -> PastLabs:
    freshness = Freshness(
        store, MemoryReadModel(), written=Progress(), projected=Progress(), patience=0.0
    )
    return PastLabs(store, MemoryPastIndex(), freshness)


def page(position: int, *, after: LabKey | None, limit: int) -> ListLabInstances:
    moment = AtPosition(position=position)
    return ListLabInstances(wanted=EVERYTHING, moment=moment, after=after, limit=limit)


async def story(app: Arrangement) -> int:
    """Names that are used again, labs that go and labs that stay; where it ends."""
    for name in ("a", "b", "c"):
        await app.send(replace(create, lab=LabKey("default", name), uid=name))
    await app.send(create)
    await app.send(abandon)
    await app.send(replace(create, uid="again"))
    await app.send(replace(abandon, lab=LabKey("default", "b")))
    return await app.store.head()


async def test_the_index_and_the_log_tell_the_same_past_at_every_position() -> None:
    app = arranged()
    async with app.projecting():
        end = await story(app)
        assert await app.projected.reached(end, within=1)
        bare = without_index(app.store)
        for position in range(1, end + 1):
            asked = page(position, after=None, limit=10)
            assert await app.mediator.ask(asked) == await bare.find(asked, position)
            for key in (LAB, LabKey("default", "b")):
                known = PastLabs(app.store, app.read_model.past, app.freshness)
                assert await known.get(key, position) == await bare.get(key, position)


async def test_without_an_index_the_log_is_folded_once_for_all_pages() -> None:
    app = arranged()
    end = await story(app)
    store = CountedReadings(app.store)
    bare, after, seen = without_index(store), None, []
    while True:
        found = await bare.find(page(end, after=after, limit=1), end)
        seen += [view.lab.key.name for view in found.views]
        if not found.more:
            break
        after = found.views[-1].lab.key
    assert seen == sorted(["a", "c", LAB.name])
    assert store.readings == 1
