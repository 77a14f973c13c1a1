"""What the official client does with what stands beside labs: Events and reviews."""

from typing import Any

from kubernetes import client as kubernetes

from tests.clients.programs.declared import GROUP, KIND, NAMESPACE, PLURAL


def posts_events(client: Any) -> None:
    """Posts an Event about a lab, and finds it beside those of the service."""
    core = kubernetes.CoreV1Api(client.api)
    uid = client.made("kubernetes-posted")["metadata"]["uid"]
    about = kubernetes.V1ObjectReference(
        kind=KIND, name="kubernetes-posted", namespace=NAMESPACE, uid=uid
    )
    told = kubernetes.CoreV1Event(
        metadata=kubernetes.V1ObjectMeta(generate_name="kubernetes-"),
        involved_object=about,
        reason="Graded",
        message="well done",
        type="Normal",
    )
    core.create_namespaced_event(NAMESPACE, told)
    selected = f"involvedObject.uid={uid}"
    found = core.list_namespaced_event(NAMESPACE, field_selector=selected).items
    assert "Graded" in [event.reason for event in found]
    assert len(found) > 1


def asks(client: Any) -> None:
    """What it may do, and who it is."""
    attributes = kubernetes.V1ResourceAttributes(verb="create", group=GROUP, resource=PLURAL)
    spec = kubernetes.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
    review = kubernetes.V1SelfSubjectAccessReview(spec=spec)
    told = kubernetes.AuthorizationV1Api(client.api).create_self_subject_access_review(review)
    assert told.status.allowed
    me = kubernetes.V1SelfSubjectReview()
    answer = kubernetes.AuthenticationV1Api(client.api).create_self_subject_review(me)
    assert answer.status.user_info.username == "admin"
