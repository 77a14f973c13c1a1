"""The fields of the Kubernetes messages that clients send as protobuf: number, name, type.
Numbers are Kubernetes' own and never change; a field that is not named here is passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Scalar(Enum):
    """What a field without fields of its own holds."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Many:
    """A field that may come again: an array."""

    of: "Scalar | Message"


@dataclass(frozen=True, slots=True)
class ByName:
    """A field of entries: an object with any names."""

    of: "Scalar | Message"


@dataclass(frozen=True, slots=True)
class Message:
    """A field with fields of its own. `inline`: JSON knows only what is in its one field."""

    fields: "Mapping[int, tuple[str, Scalar | Message | Many | ByName]]"
    inline: bool = False


TEXT, NUMBER, TRUTH, TIME = Scalar.TEXT, Scalar.NUMBER, Scalar.TRUTH, Scalar.TIME
TEXTS = Many(TEXT)

OWNER = Message(
    {
        1: ("kind", TEXT),
        3: ("name", TEXT),
        4: ("uid", TEXT),
        5: ("apiVersion", TEXT),
        6: ("controller", TRUTH),
        7: ("blockOwnerDeletion", TRUTH),
    }
)
OBJECT_META = Message(
    {
        1: ("name", TEXT),
        2: ("generateName", TEXT),
        3: ("namespace", TEXT),
        5: ("uid", TEXT),
        6: ("resourceVersion", TEXT),
        7: ("generation", NUMBER),
        8: ("creationTimestamp", TIME),
        9: ("deletionTimestamp", TIME),
        10: ("deletionGracePeriodSeconds", NUMBER),
        11: ("labels", ByName(TEXT)),
        12: ("annotations", ByName(TEXT)),
        13: ("ownerReferences", Many(OWNER)),
        14: ("finalizers", TEXTS),
    }
)
REFERENCE = Message(
    {
        1: ("kind", TEXT),
        2: ("namespace", TEXT),
        3: ("name", TEXT),
        4: ("uid", TEXT),
        5: ("apiVersion", TEXT),
        6: ("resourceVersion", TEXT),
        7: ("fieldPath", TEXT),
    }
)
SOURCE = Message({1: ("component", TEXT), 2: ("host", TEXT)})
SERIES = Message({1: ("count", NUMBER), 2: ("lastObservedTime", TIME)})
