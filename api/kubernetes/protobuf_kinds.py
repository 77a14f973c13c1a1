"""Which messages are read from protobuf, by version and kind."""

from collections.abc import Mapping

from api.kubernetes.protobuf_fields import (
    NUMBER,
    OBJECT_META,
    REFERENCE,
    SERIES,
    SOURCE,
    TEXT,
    TEXTS,
    TIME,
    TRUTH,
    ByName,
    Many,
    Message,
)

_REQUIREMENTS = Many(Message({1: ("key", TEXT), 2: ("operator", TEXT), 3: ("values", TEXTS)}))
_SELECTOR = Message({1: ("rawSelector", TEXT), 2: ("requirements", _REQUIREMENTS)})
_RESOURCE = Message(
    {
        1: ("namespace", TEXT),
        2: ("verb", TEXT),
        3: ("group", TEXT),
        4: ("version", TEXT),
        5: ("resource", TEXT),
        6: ("subresource", TEXT),
        7: ("name", TEXT),
        8: ("fieldSelector", _SELECTOR),
        9: ("labelSelector", _SELECTOR),
    }
)
_PATH = Message({1: ("path", TEXT), 2: ("verb", TEXT)})
_OWN_ACCESS = Message({1: ("resourceAttributes", _RESOURCE), 2: ("nonResourceAttributes", _PATH)})
_ACCESS = Message(
    {
        **_OWN_ACCESS.fields,
        3: ("user", TEXT),
        4: ("groups", TEXTS),
        5: ("extra", ByName(Message({1: ("items", TEXTS)}, inline=True))),
        6: ("uid", TEXT),
    }
)
_PRECONDITIONS = Message({1: ("uid", TEXT), 2: ("resourceVersion", TEXT)})
_LEASE = Message(
    {
        1: ("holderIdentity", TEXT),
        2: ("leaseDurationSeconds", NUMBER),
        3: ("acquireTime", TIME),
        4: ("renewTime", TIME),
        5: ("leaseTransitions", NUMBER),
    }
)
_CORE_EVENT = Message(
    {
        1: ("metadata", OBJECT_META),
        2: ("involvedObject", REFERENCE),
        3: ("reason", TEXT),
        4: ("message", TEXT),
        5: ("source", SOURCE),
        6: ("firstTimestamp", TIME),
        7: ("lastTimestamp", TIME),
        8: ("count", NUMBER),
        9: ("type", TEXT),
        10: ("eventTime", TIME),
        11: ("series", SERIES),
        12: ("action", TEXT),
        13: ("related", REFERENCE),
        14: ("reportingComponent", TEXT),
        15: ("reportingInstance", TEXT),
    }
)
_EVENT = Message(
    {
        1: ("metadata", OBJECT_META),
        2: ("eventTime", TIME),
        3: ("series", SERIES),
        4: ("reportingController", TEXT),
        5: ("reportingInstance", TEXT),
        6: ("action", TEXT),
        7: ("reason", TEXT),
        8: ("regarding", REFERENCE),
        9: ("related", REFERENCE),
        10: ("note", TEXT),
        11: ("type", TEXT),
        12: ("deprecatedSource", SOURCE),
        13: ("deprecatedFirstTimestamp", TIME),
        14: ("deprecatedLastTimestamp", TIME),
        15: ("deprecatedCount", NUMBER),
    }
)
_DELETE_OPTIONS = Message(
    {
        1: ("gracePeriodSeconds", NUMBER),
        2: ("preconditions", _PRECONDITIONS),
        3: ("orphanDependents", TRUTH),
        4: ("propagationPolicy", TEXT),
        5: ("dryRun", TEXTS),
    }
)


def _object(spec: Message | None = None) -> Message:
    own = {} if spec is None else {2: ("spec", spec)}
    return Message({1: ("metadata", OBJECT_META), **own})


_AUTHORIZATION, _AUTHENTICATION = "authorization.k8s.io/v1", "authentication.k8s.io/v1"

MESSAGES: Mapping[tuple[str, str], Message] = {
    ("v1", "Namespace"): _object(Message({1: ("finalizers", TEXTS)})),
    ("v1", "Event"): _CORE_EVENT,
    ("events.k8s.io/v1", "Event"): _EVENT,
    ("coordination.k8s.io/v1", "Lease"): _object(_LEASE),
    (_AUTHORIZATION, "SelfSubjectAccessReview"): _object(_OWN_ACCESS),
    (_AUTHORIZATION, "SubjectAccessReview"): _object(_ACCESS),
    (_AUTHORIZATION, "LocalSubjectAccessReview"): _object(_ACCESS),
    (_AUTHORIZATION, "SelfSubjectRulesReview"): _object(Message({1: ("namespace", TEXT)})),
    (_AUTHENTICATION, "SelfSubjectReview"): _object(),
    (f"{_AUTHENTICATION}beta1", "SelfSubjectReview"): _object(),
    (_AUTHENTICATION, "TokenReview"): _object(
        Message({1: ("token", TEXT), 2: ("audiences", TEXTS)})
    ),
}


def message_of(api_version: str, kind: str) -> Message | None:
    """The message of an object; options of a delete come under any version."""
    return _DELETE_OPTIONS if kind == "DeleteOptions" else MESSAGES.get((api_version, kind))
