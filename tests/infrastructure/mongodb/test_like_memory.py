"""However the projector repeats itself, MongoDB answers as memory does."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from application.ports.read_model import ReadModel
from application.ports.selectors import ViewFilter
from application.ports.views import LabChange
from domain.lab_instance.key import LabKey
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.mongodb.connection import open_mongodb
from tests.contracts.given import NOON
from tests.infrastructure.sqlite.test_like_memory import CHANGES, FILTERS, KEYS
from tests.searching import examples

T = TypeVar("T")
LIMITS = st.integers(1, 4)
LATER = NOON.replace(year=2027)


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    batches=st.lists(st.lists(CHANGES, max_size=6), min_size=1, max_size=5),
    wanted=st.lists(FILTERS, min_size=1, max_size=4),
    after=st.none() | KEYS,
    limit=LIMITS,
)
def test_both_answer_alike(
    mongodb_uri: str,
    mongodb_janitor: MongoClient[dict[str, Any]],
    batches: Sequence[Sequence[LabChange]],
    wanted: Sequence[ViewFilter],
    after: LabKey | None,
    limit: int,
) -> None:
    async def compare() -> None:
        async with open_mongodb(mongodb_uri) as stores:
            memory, mongodb = MemoryReadModel(), stores.read_model
            await mongodb.clear()
            for batch in batches:
                position = max((change.position for change in batch), default=0)
                await memory.apply(batch, position=position)
                await mongodb.apply(batch, position=position)
                await mongodb.apply(batch, position=position)
            for answers in zip(
                await answered(memory, wanted, after, limit),
                await answered(mongodb, wanted, after, limit),
                strict=True,
            ):
                assert answers[0] == answers[1]

    asyncio.run(compare())


async def answered(
    model: ReadModel, wanted: Sequence[ViewFilter], after: LabKey | None, limit: int
) -> Sequence[Any]:
    questions: list[Awaitable[Any]] = [
        model.position(),
        model.count_by_state(),
        model.due(LATER, limit=limit),
        model.unsettled(after=after, limit=limit),
        model.owned([f"a/n-{position}" for position in range(1, 30)]),
        *(model.get(LabKey(namespace, name)) for namespace in "ab" for name in "no"),
        *(model.find(one, after=after, limit=limit) for one in wanted),
        *(model.count(one) for one in wanted),
    ]
    return [comparable(await question) for question in questions]


def comparable(answer: T) -> Any:
    return list(answer) if isinstance(answer, tuple) else answer
