"""The ViewGenerations port on MongoDB: a collection beside the one in use, and one object
that says which it is."""

from application.ports.read_model import ReadModelUnavailable
from application.ports.view_generations import NextViews, SwitchLost
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.generations import Generations
from infrastructure.mongodb.next_generation import NextGeneration
from infrastructure.mongodb.objects import MongodbApiObjects
from infrastructure.mongodb.past_index import MongodbPastIndex
from infrastructure.mongodb.read_model import MongodbReadModel


class MongodbViewGenerations:
    """The ViewGenerations contract. Services may work meanwhile: their projectors notice that
    another generation is in use, and go on from its checkpoint."""

    def __init__(self, generations: Generations, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience
        self._next: NextGeneration | None = None

    async def begin(self) -> NextViews:
        with bounded(self._patience, ReadModelUnavailable):
            number, replaces = await self._generations.begin_beside()
        self._next = NextGeneration(self._generations, number=number, replaces=replaces)
        return NextViews(
            labs=MongodbReadModel(self._next, patience=self._patience),
            past=MongodbPastIndex(self._next, patience=self._patience),
            api_objects=MongodbApiObjects(self._next, patience=self._patience),
        )

    async def switch(self) -> None:
        with bounded(self._patience, ReadModelUnavailable):
            if self._next is None or not await self._next.use():
                raise SwitchLost
