"""Under any sequence of operations SQLite answers as memory does."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from application.ports.event_store import StreamConflict
from application.ports.selectors import (
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.alike import EventStoreSteps, budget
from tests.contracts.given import (
    FAILED,
    GOING,
    GONE,
    NOON,
    READY,
    STARTED,
    SettableClock,
    change,
    created,
)
from tests.infrastructure.codec.events import INSTANTS

T = TypeVar("T")
BUDGET = budget(30)


class TwoStores(RuleBasedStateMachine):
    """Opens one SQLite file beside the memory adapters, on an event loop of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SettableClock()
        self.path = Path(self.folder.name) / "lab.db"
        self.database = SqliteDatabase.open(self.path, clock=self.clock)

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.run(self.loop.shutdown_asyncgens())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()


class EventStores(EventStoreSteps, TwoStores):
    """Appends, repeats and conflicts, reads in all directions, reopening."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryEventStore(self.clock)

    def both(self, method: str, *args: Any, **kwargs: Any) -> None:
        sqlite = SqliteEventStore(self.database)
        answers = [
            self.run(outcome(getattr(store, method)(*args, **kwargs)))
            for store in (self.memory, sqlite)
        ]
        assert answers[0] == answers[1]

    @rule(at=INSTANTS)
    def set_the_clock(self, at: Any) -> None:
        self.clock.at = at

    @rule(after=st.integers(-1, 20))
    def read_all(self, after: int) -> None:
        self.both("read_all", after=after)

    @rule()
    def head(self) -> None:
        self.both("head")

    @rule()
    def reopen(self) -> None:
        self.run(self.database.close())
        self.database = SqliteDatabase.open(self.path, clock=self.clock)


HISTORIES = st.sampled_from([(), (STARTED, READY), (STARTED,), (FAILED,), (GOING,), (GOING, GONE)])
LABELS = st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["", "x", "y"]))
KEYS = st.builds(LabKey, st.sampled_from("ab"), st.sampled_from("no"))
CHANGES = st.builds(
    lambda key, template, student, labels, history, position: change(
        created(
            key.name,
            namespace=key.namespace,
            template=template,
            student=student,
            labels=labels,
            uid=f"{key}-{position}",
        ),
        *history,
        position=position,
    ),
    KEYS,
    st.sampled_from("tu"),
    st.sampled_from("pq"),
    LABELS,
    HISTORIES,
    st.integers(1, 30),
)
FILTERS = st.builds(
    ViewFilter,
    labels=st.lists(
        st.builds(
            LabelRequirement,
            key=st.sampled_from(["k", "l"]),
            operator=st.sampled_from(Operator),
            values=st.lists(st.sampled_from(["", "x", "y"]), min_size=1, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    fields=st.lists(
        st.builds(
            FieldRequirement,
            field=st.sampled_from(LabField),
            value=st.sampled_from(["a", "b", "n", "t", "p", "pending", "failed"]),
            negated=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


class ReadModels(TwoStores):
    """Changes in any order, every question, clearing, reopening."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryReadModel()

    def both(self, method: str, *args: Any, **kwargs: Any) -> None:
        models = (self.memory, SqliteReadModel(self.database))
        answers = [self.run(outcome(getattr(model, method)(*args, **kwargs))) for model in models]
        assert answers[0] == answers[1]

    @rule(changes=st.lists(CHANGES, max_size=6), position=st.integers(0, 30))
    def apply(self, changes: Sequence[Any], position: int) -> None:
        self.both("apply", changes, position=position)

    @rule(wanted=FILTERS, after=st.none() | KEYS, limit=st.integers(1, 4))
    def find(self, wanted: ViewFilter, after: LabKey | None, limit: int) -> None:
        self.both("find", wanted, after=after, limit=limit)
        self.both("count", wanted)

    @rule(key=KEYS)
    def get(self, key: LabKey) -> None:
        self.both("get", key)

    @rule(limit=st.integers(1, 4), after=st.none() | KEYS)
    def work(self, limit: int, after: LabKey | None) -> None:
        self.both("due", NOON.replace(year=2027), limit=limit)
        self.both("unsettled", after=after, limit=limit)

    @rule(positions=st.lists(st.integers(1, 30)))
    def owned(self, positions: list[int]) -> None:
        self.both("owned", [f"a/n-{position}" for position in positions])

    @rule()
    def sums(self) -> None:
        self.both("count_by_state")
        self.both("position")

    @rule()
    def clear(self) -> None:
        self.both("clear")

    @rule()
    def reopen(self) -> None:
        self.run(self.database.close())
        self.database = SqliteDatabase.open(self.path, clock=self.clock)


async def outcome(answer: Any) -> Any:
    """What a method answers, in a form that compares: lists of what iterators deliver, and
    refusals by what they say."""
    try:
        if isinstance(answer, AsyncIterator):
            return [item async for item in answer]
        result = await answer
    except StreamConflict as conflict:
        return str(conflict)
    return list(result) if isinstance(result, tuple) else result


TestEventStores = EventStores.TestCase
TestEventStores.settings = BUDGET
TestReadModels = ReadModels.TestCase
TestReadModels.settings = BUDGET
