"""What the log says of a runtime's uid. Only one of the three answers lets files be destroyed."""

from enum import Enum

from application.event_log.labs import LABS
from application.event_log.loading import load
from application.ports.event_store import EventStore
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


class Ownership(Enum):
    """OWNED: a lab that is not deleted has it. ENDED: a lab has had it and is deleted, so what is
    left of it is a leftover. UNKNOWN: no event says that such a lab ever was; the log may be the
    one that is wrong."""

    OWNED = "owned"
    ENDED = "ended"
    UNKNOWN = "unknown"


async def ownership_of(store: EventStore, key: LabKey, uid: str) -> Ownership:
    """By the stream of the name, through all lives it tells of. That an orphan was ended under
    the name tells of no lab. Raises what the store raises."""
    view = (await load(LABS, store, key)).view if key.name else None
    if view is None:
        return Ownership.UNKNOWN
    if view.lab.uid == uid:
        return Ownership.ENDED if view.lab.state is LabState.DELETED else Ownership.OWNED
    async for recorded in store.read_stream(LABS.stream_of(key), backwards=True):
        event = recorded.event
        if isinstance(event, LabInstanceCreated) and event.uid == uid:
            return Ownership.ENDED
    return Ownership.UNKNOWN
