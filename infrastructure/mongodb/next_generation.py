"""A collection of views that nobody reads yet, for whoever fills it."""

from infrastructure.mongodb.generations import Collection, Generation, Generations
from infrastructure.mongodb.guarded_writes import Stored


class NextGeneration:
    """Begun beside the generation in use, and written as that one is. How far it is and which
    log it is of is not known to anybody before it is used."""

    def __init__(self, generations: Generations, *, number: int, replaces: int) -> None:
        self._generations = generations
        self._number = number
        self._replaces = replaces
        self._views: Collection = generations.views(number)
        self._api_objects: Collection = generations.api_objects(number)
        self._commands: Collection = generations.commands(number)
        self._lifetimes: Collection = generations.lifetimes(number)
        self._stretches: Collection = generations.stretches(number)
        self._position = self._indexed = 0
        self._origin: str | None = None

    async def present(self) -> Generation:
        """Itself."""
        return Generation(
            number=self._number,
            views=self._views,
            api_objects=self._api_objects,
            commands=self._commands,
            lifetimes=self._lifetimes,
            stretches=self._stretches,
            position=self._position,
            indexed=self._indexed,
        )

    async def advance(self, generation: Generation, position: int) -> bool:
        """As in Generations."""
        if self._indexed >= self._position:
            self._indexed = max(self._indexed, position)
        self._position = max(self._position, position)
        return generation.number == self._number

    async def made_up(self, generation: Generation, position: int) -> None:
        """As in Generations."""
        self._indexed = max(self._indexed, position)

    async def claim(self, origin: str) -> str:
        """As in Generations."""
        self._origin = self._origin or origin
        return self._origin

    async def begin_anew(self) -> None:
        """Forget what is in it."""
        await self._views.delete_many({})
        for part in (self._api_objects, self._commands, self._lifetimes, self._stretches):
            await part.delete_many({})
        self._position = self._indexed = 0
        self._origin = None

    async def use(self) -> bool:
        """Put it in the place of the one that it was begun beside, in one step; False, and it
        is gone, when that one is not in use any more or another was begun."""
        expected: Stored = {"generation": self._replaces, "coming": self._number}
        origin = {} if self._origin is None else {"origin": self._origin}
        becomes: Stored = {"generation": self._number, "former": self._replaces} | origin
        reached: Stored = {"position": self._position, "indexed": self._indexed}
        return await self._generations.replace(expected, becomes | reached)
