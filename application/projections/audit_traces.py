"""What one event leaves in the audit's records. Pure."""

from collections.abc import Mapping

from application.event_log.api_objects import key_of as object_key_of
from application.event_log.api_objects import stream_of as object_stream_of
from application.event_log.labs import key_of, stream_of
from application.ports.audit_records import (
    Act,
    Attribution,
    Life,
    LifeChange,
    Resting,
    Trace,
    Transition,
)
from application.ports.event_store import RecordedEvent
from application.ports.views import LabInstanceView
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEdited,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.end_facts import DeletionRequested
from domain.lab_instance.events import (
    AccessGranted,
    Extended,
    LabInstanceCreated,
    MetadataChanged,
    OwnershipRecorded,
    Remarked,
    RestartRequested,
    Retried,
    SpecChanged,
    StatusReported,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import LabState

VERBS: Mapping[type, str] = {
    LabInstanceCreated: "create",
    SpecChanged: "update",
    MetadataChanged: "update",
    MetadataEdited: "update",
    OwnershipRecorded: "update",
    OwnershipEdited: "update",
    StatusReported: "update",
    StatusEdited: "update",
    Remarked: "remark",
    Extended: "extend",
    RestartRequested: "restart",
    Retried: "retry",
    AccessGranted: "access",
    DeletionRequested: "delete",
    ApiObjectDeclared: "create",
    ApiObjectReplaced: "update",
    ApiObjectEdited: "update",
    RemovalRequested: "delete",
}
"""What the events that clients' wishes lead to are called in the API."""

_LABS = "labinstances"
_RESTS_EVERY = 100


def trace_of_lab(
    recorded: RecordedEvent, before: LabInstanceView | None, after: LabInstanceView | None
) -> Trace:
    """What an event of a lab leaves. `before` and `after` are the lab's views around it, one in
    the state deleted where the lab is gone."""
    former, now = before.lab if before else None, after.lab if after else None
    if isinstance(recorded.event, LabInstanceCreated):
        former = None
    about = now or former
    key = key_of(recorded.stream)
    act = _act(recorded, _LABS, key.namespace, key.name, about.uid if about else "")
    resting = _resting(recorded, after)
    if now is None or now is former:
        return Trace(act=act, resting=resting)
    attribution = _attribution(now)
    was_ready, is_ready = _is_ready(former), _is_ready(now)
    anew = former is None or _attribution(former) != attribution
    gone = now.state is LabState.DELETED
    return Trace(
        act=act,
        begins=_begun(recorded, now) if former is None else None,
        changes=_changed(recorded, now) if former is not None and (anew or gone) else None,
        transition=_transition(now, recorded, former),
        opens=attribution if is_ready and (anew or not was_ready) else None,
        closes=was_ready and (anew or not is_ready),
        resting=resting,
    )


def trace_of_object(recorded: RecordedEvent) -> Trace:
    """What an event of an API object leaves. Its uid is known where the object begins."""
    key, event = object_key_of(recorded.stream), recorded.event
    uid = event.uid if isinstance(event, ApiObjectDeclared) else ""
    return Trace(act=_act(recorded, f"{key.kind.value}s", key.namespace, key.name, uid))


def stream_of_act(act: Act) -> str:
    """The stream that the act's event is in."""
    if act.resource == _LABS:
        return stream_of(LabKey(act.namespace, act.name))
    kind = ApiObjectKind(act.resource.removesuffix("s"))
    return object_stream_of(ApiObjectKey(kind=kind, namespace=act.namespace, name=act.name))


def _act(recorded: RecordedEvent, resource: str, namespace: str, name: str, uid: str) -> Act:
    metadata = recorded.metadata
    return Act(
        position=recorded.position,
        version=recorded.version,
        id=str(recorded.id),
        at=recorded.event.at,
        type=recorded.type,
        verb=VERBS.get(type(recorded.event), ""),
        resource=resource,
        namespace=namespace,
        name=name,
        uid=uid,
        actor=metadata.get("actor", ""),
        on_behalf_of=metadata.get("onBehalfOf", ""),
        hash=metadata.get("hash", ""),
    )


def _resting(recorded: RecordedEvent, view: LabInstanceView | None) -> Resting | None:
    if view is None or recorded.version % _RESTS_EVERY:
        return None
    return Resting(version=recorded.version, view=view)


def _begun(recorded: RecordedEvent, lab: LabInstance) -> Life:
    return Life(
        uid=lab.uid,
        namespace=lab.key.namespace,
        name=lab.key.name,
        created_position=recorded.position,
        created_at=lab.created_at,
        creator=recorded.metadata.get("actor", ""),
        attribution=_attribution(lab),
    )


def _changed(recorded: RecordedEvent, lab: LabInstance) -> LifeChange:
    gone = lab.state is LabState.DELETED
    return LifeChange(
        uid=lab.uid,
        attribution=_attribution(lab),
        gone_at=recorded.event.at if gone else None,
    )


def _transition(
    lab: LabInstance, recorded: RecordedEvent, former: LabInstance | None
) -> Transition | None:
    if former is not None and former.state is lab.state:
        return None
    return Transition(
        position=recorded.position,
        at=recorded.event.at,
        uid=lab.uid,
        namespace=lab.key.namespace,
        name=lab.key.name,
        former=former.state if former else None,
        state=lab.state,
    )


def _is_ready(lab: LabInstance | None) -> bool:
    return lab is not None and lab.state is LabState.READY


def _attribution(lab: LabInstance) -> Attribution:
    return Attribution(
        student=lab.spec.student_email, template=lab.spec.template, labels=lab.labels
    )
