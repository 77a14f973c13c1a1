"""The witness of a log on a server, where there is one: asked at the start, and then for ever."""

from collections.abc import Iterator

from application.control.supervisor import Loop
from infrastructure.wiring.stores import Stores


async def require_held(stores: Stores) -> None:
    """Raises LogSetBack, and what the stores raise."""
    if stores.witness is not None:
        await stores.witness.require_held()


def witnesses(stores: Stores) -> Iterator[Loop]:
    """The loop that looks and remembers."""
    if stores.witness is not None:
        yield Loop(name="log-witness", run=stores.witness.run, stop=None)
