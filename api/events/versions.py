"""The two API versions of Event say the same under different names. What is kept has the names
of the older one, which nearly every client reads."""

from collections.abc import Mapping

from api.objects.object_kind import Content
from domain.api_object.api_object import ApiObject

OLD_NAMES: Mapping[str, str] = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_NEW_NAMES = {old: new for new, old in OLD_NAMES.items()}

SAME_IN_BOTH = frozenset(
    {"type", "reason", "action", "eventTime", "series", "related", "reportingInstance"}
)
OLD_FIELDS = SAME_IN_BOTH | frozenset(_NEW_NAMES)
NEW_FIELDS = SAME_IN_BOTH | frozenset(OLD_NAMES)


def to_old(content: Content) -> Content:
    """What an event of `events.k8s.io` says, in the words of the core group."""
    return {OLD_NAMES.get(name, name): value for name, value in content.items()}


def as_old(_object: ApiObject, kept: Content) -> Content:
    """What is kept, in the words of the core group."""
    return kept


def as_new(_object: ApiObject, kept: Content) -> Content:
    """What is kept, in the words of `events.k8s.io`."""
    return {_NEW_NAMES.get(name, name): value for name, value in kept.items()}
