"""Events as stored names and bytes, and back through the upcasters. No chain, no storage."""

from typing import Any, get_args

import msgspec

from application.ports.event_store import Fact
from infrastructure.codec.object_document import Document
from infrastructure.codec.stored_names import STORED_NAMES
from infrastructure.codec.upcasters import UPCASTERS

_DOCUMENTS: dict[type[Fact], tuple[str, Document[Any]]] = {
    type_: (STORED_NAMES[type_], Document(type_)) for type_ in get_args(Fact)
}
_CURRENT: dict[str, Document[Any]] = dict(_DOCUMENTS.values())


class Undecodable(Exception):
    """These bytes under this name are no event. Says why, and never what they hold."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def encode_event(event: Fact) -> tuple[str, bytes]:
    """The event's current name and its data."""
    name, document = _DOCUMENTS[type(event)]
    return name, document.encode(event)


def decode_event(name: str, data: bytes | str) -> Fact:
    """The event stored under a current or old name. Raises Undecodable."""
    document = _CURRENT.get(name)
    try:
        if document is None:
            name, data = _brought_forward(name, data)
            document = _CURRENT[name]
        event: Fact = document.decode(data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Undecodable(str(error)) from error
    return event


def examined(name: str, data: bytes | str) -> object:
    """What is stored, with the attributes of the event that it is, at half of the cost.
    Raises Undecodable."""
    document = _CURRENT.get(name)
    if document is None:
        return decode_event(name, data)
    try:
        return document.examined(data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Undecodable(str(error)) from error


def _brought_forward(name: str, data: bytes | str) -> tuple[str, bytes]:
    if name not in UPCASTERS:
        raise Undecodable("no event is stored under this name")
    fields = msgspec.json.decode(data, type=dict[str, Any])
    while name not in _CURRENT:
        upcaster = UPCASTERS[name]
        name, fields = upcaster.becomes, upcaster.upcast(fields)
    return name, msgspec.json.encode(fields)
