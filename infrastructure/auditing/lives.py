"""Whether what happened under a name could happen: the outline of `decide`, by stored names."""

from collections.abc import Mapping

from application.event_log import api_objects, labs
from domain.api_object.events import ApiObjectDeclared, ApiObjectRemoved
from domain.lab_instance.end_facts import Deleted, OrphanTerminated
from domain.lab_instance.events import LabInstanceCreated
from infrastructure.codec.stored_names import STORED_NAMES

_BEGINS = {STORED_NAMES[LabInstanceCreated], STORED_NAMES[ApiObjectDeclared]}
_ENDS = {STORED_NAMES[Deleted], STORED_NAMES[ApiObjectRemoved]}
_AT_ANY_TIME = {STORED_NAMES[OrphanTerminated]}
_KINDS: Mapping[str, str] = {
    STORED_NAMES[LabInstanceCreated]: "lab",
    STORED_NAMES[ApiObjectDeclared]: "key",
}


class Lives:
    """Follows each stream from event to event. A stream that is met in the middle of its life
    says nothing until a life begins or ends."""

    def __init__(self) -> None:
        self.alive: dict[str, bool] = {}

    def fault(self, stream: str, type_: str, content: object, *, first: bool) -> str:
        """What is wrong with this event in its place; empty where nothing is."""
        before = self.alive.get(stream, False if first else None)
        if type_ in _BEGINS:
            self.alive[stream] = True
            if before:
                return "it was created while it was there"
            return _misnamed(stream, type_, content)
        if type_ in _AT_ANY_TIME:
            return ""
        if type_ in _ENDS:
            self.alive[stream] = False
        if before is False:
            return "it was not there: it was never created, or had been deleted"
        return ""


def _misnamed(stream: str, type_: str, content: object) -> str:
    """A life says under which name it is lived."""
    key = getattr(content, _KINDS[type_], None)
    if type_ == STORED_NAMES[LabInstanceCreated]:
        named = labs.key_of(stream) if labs.is_lab_stream(stream) else None
        same = named and (named.namespace, named.name) == (
            getattr(key, "namespace", None),
            getattr(key, "name", None),
        )
        return "" if same else "it is of another lab than its stream"
    try:
        object_key = api_objects.key_of(stream)
    except ValueError:
        return "its stream is no object's"
    same = (object_key.kind, object_key.namespace, object_key.name) == (
        getattr(key, "kind", None),
        getattr(key, "namespace", None),
        getattr(key, "name", None),
    )
    return "" if same else "it is of another object than its stream"
