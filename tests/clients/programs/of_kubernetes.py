"""What the official client does: its dynamic client, and the calls for custom objects."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from kubernetes import client as kubernetes
from kubernetes import config, dynamic, watch
from kubernetes.client.exceptions import ApiException

from tests.clients.programs.declared import (
    DURATION,
    FIVE,
    GROUP,
    HELD,
    KIND,
    LONGER,
    NAMESPACE,
    ONE,
    PLURAL,
    VERSION,
    lab,
)
from tests.clients.programs.kubernetes_beside import asks, posts_events
from tests.clients.programs.telling import tell
from tests.clients.rows import Row

PLACE = (GROUP, VERSION, NAMESPACE, PLURAL)
MERGE = "application/merge-patch+json"


class Client:
    """Both ways into the same service."""

    def __init__(self) -> None:
        self.api = config.new_client_from_config()
        self.objects = kubernetes.CustomObjectsApi(self.api)
        self.dynamic = dynamic.DynamicClient(self.api)
        self.labs = self.dynamic.resources.get(api_version=f"{GROUP}/{VERSION}", kind=KIND)

    def made(self, name: str, **metadata: Any) -> Any:
        """A lab that is ready."""
        self.objects.create_namespaced_custom_object(*PLACE, lab(name, **metadata))
        return self.until(name, lambda told: told["status"]["state"] == "ready")

    def read(self, name: str) -> Any:
        """The lab as it is."""
        return self.objects.get_namespaced_custom_object(*PLACE, name)

    def until(self, name: str, enough: Callable[[Any], bool]) -> Any:
        """The lab, as soon as it is as wanted."""
        for _ in range(400):
            if enough(told := self.read(name)):
                return told
            time.sleep(0.05)
        raise TimeoutError(name)


def discovers(client: Client) -> None:
    """Finds the kind by its short name and by its kind."""
    found = client.dynamic.resources.search(short_names=["lab", "labs"])
    assert KIND in [resource.kind for resource in found]
    assert kubernetes.VersionApi(client.api).get_code().minor == "37"
    groups = kubernetes.ApisApi(client.api).get_api_versions().groups
    assert GROUP in [group.name for group in groups]


def lists(client: Client) -> None:
    """Lists with selectors."""
    client.made("kubernetes-list", labels={"of": "kubernetes"})
    for selection in (
        {"label_selector": "of=kubernetes"},
        {"field_selector": "metadata.name=kubernetes-list"},
    ):
        told = client.objects.list_namespaced_custom_object(*PLACE, **selection)
        assert [item["metadata"]["name"] for item in told["items"]] == ["kubernetes-list"]
        assert len(client.labs.get(**selection).items) == 1
    assert client.objects.list_cluster_custom_object(GROUP, VERSION, PLURAL)["items"]


def creates(client: Client) -> None:
    """Creates with a name of the service's choice, dry, and once only."""
    declared = lab("", generateName="kubernetes-any-")
    del declared["metadata"]["name"]
    made = client.objects.create_namespaced_custom_object(*PLACE, declared)
    assert made["metadata"]["name"].startswith("kubernetes-any-")
    dry = lab("kubernetes-dry")
    client.objects.create_namespaced_custom_object(*PLACE, dry, dry_run="All")
    assert _refused(lambda: client.read("kubernetes-dry")) == 404
    assert _refused(lambda: client.made(made["metadata"]["name"])) == 409


def applies(client: Client) -> None:
    """Applies on the server, is told of conflicts, and forces."""
    wanted = lab("kubernetes-applied")
    client.labs.server_side_apply(body=wanted, field_manager="teacher")
    other = {**lab("kubernetes-applied"), "spec": {"duration": "2h"}}
    apply = client.labs.server_side_apply
    assert _refused(lambda: apply(body=other, field_manager="grader")) == 409
    taken = apply(body=other, field_manager="grader", force_conflicts=True)
    assert taken.spec.duration == "2h"


def patches(client: Client) -> None:
    """Patches in both ways, with the resourceVersion as a condition."""
    client.made("kubernetes-patched")
    patch = client.objects.patch_namespaced_custom_object
    assert patch(*PLACE, "kubernetes-patched", DURATION)["spec"]["duration"] == "90m"
    change = [{"op": "replace", "path": "/spec/duration", "value": "2h"}]
    told = client.labs.patch(
        name="kubernetes-patched",
        namespace=NAMESPACE,
        body=change,
        content_type="application/json-patch+json",
    )
    assert told.spec.duration == "2h"
    stale = {"metadata": {"resourceVersion": "1"}, **DURATION}
    assert _refused(lambda: patch(*PLACE, "kubernetes-patched", stale)) == 409


def patches_strategically(client: Client) -> str:
    """The dynamic client's default."""
    client.made("kubernetes-strategic")
    patch = client.labs.patch
    return str(
        _refused(lambda: patch(name="kubernetes-strategic", namespace=NAMESPACE, body=DURATION))
    )


def writes_status(client: Client) -> None:
    """Reads, patches and replaces the status alone."""
    client.made("kubernetes-status")
    place = (*PLACE, "kubernetes-status")
    objects = client.objects
    told = objects.patch_namespaced_custom_object_status(
        *place, {"status": {"grade": "A"}, **LONGER}
    )
    assert (told["status"]["grade"], told["spec"]["duration"]) == ("A", "60m")
    told["status"]["grade"] = "B"
    objects.replace_namespaced_custom_object_status(*place, told)
    read = objects.get_namespaced_custom_object_status(*place)
    assert (read["status"]["grade"], read["status"]["state"]) == ("B", "ready")


def scales(client: Client) -> None:
    """Reads, patches and replaces the scale: one, and no other number."""
    client.made("kubernetes-scale")
    place, objects = (*PLACE, "kubernetes-scale"), client.objects
    told = objects.get_namespaced_custom_object_scale(*place)
    assert (told["spec"], told["status"]) == (ONE["spec"], ONE["spec"])
    assert objects.patch_namespaced_custom_object_scale(*place, ONE) == told
    assert objects.replace_namespaced_custom_object_scale(*place, told) == told
    assert client.labs.scale.get(name="kubernetes-scale", namespace=NAMESPACE).kind == "Scale"
    patch = objects.patch_namespaced_custom_object_scale
    assert _refused(lambda: patch(*place, FIVE)) == 422


def watches(client: Client) -> None:
    """Sees what happens, in order."""
    client.made("kubernetes-watched", labels={"of": "kubernetes-watch"})
    seen = []
    selection = {"label_selector": "of=kubernetes-watch", "timeout_seconds": 10}
    watcher = watch.Watch()
    for event in watcher.stream(client.objects.list_namespaced_custom_object, *PLACE, **selection):
        seen.append(event["type"])
        if len(seen) == 1:
            client.objects.patch_namespaced_custom_object(*PLACE, "kubernetes-watched", DURATION)
        if seen[-1] == "MODIFIED" and "deletionTimestamp" not in event["object"]["metadata"]:
            client.objects.delete_namespaced_custom_object(*PLACE, "kubernetes-watched")
        if seen[-1] == "DELETED":
            watcher.stop()
    assert seen == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]


def recovers(client: Client) -> str:
    """Is told that a version is too old."""
    stream = watch.Watch().stream(
        client.objects.list_namespaced_custom_object,
        *PLACE,
        resource_version="999999999",
        timeout_seconds=8,
    )
    assert _refused(lambda: next(stream)) == 410
    return "raises"


def reconnects(client: Client) -> str:
    """Goes on after the service has closed the watch."""
    client.made("kubernetes-again")
    selection = {"field_selector": "metadata.name=kubernetes-again", "timeout_seconds": 1}
    watcher, seen = watch.Watch(), []
    version = client.read("kubernetes-again")["metadata"]["resourceVersion"]
    begun = time.monotonic()
    listing = client.objects.list_namespaced_custom_object
    for closed in range(2):
        stream = watcher.stream(listing, *PLACE, resource_version=version, **selection)
        client.objects.patch_namespaced_custom_object(
            *PLACE, "kubernetes-again", {"metadata": {"labels": {"n": str(closed)}}}
        )
        for event in stream:
            seen.append(event["object"]["metadata"]["labels"]["n"])
            version = event["object"]["metadata"]["resourceVersion"]
    assert time.monotonic() - begun >= 2
    assert seen == ["0", "1"]
    return "reconnects"


def deletes(client: Client) -> None:
    """Deletes with preconditions, propagation and finalizers, one and many."""
    made = client.made("kubernetes-deleted", finalizers=HELD, labels={"of": "kubernetes-delete"})
    delete = client.objects.delete_namespaced_custom_object
    wrong = kubernetes.V1DeleteOptions(preconditions=kubernetes.V1Preconditions(uid="another"))
    assert _refused(lambda: delete(*PLACE, "kubernetes-deleted", body=wrong)) == 409
    right = kubernetes.V1DeleteOptions(
        preconditions=kubernetes.V1Preconditions(uid=made["metadata"]["uid"])
    )
    delete(*PLACE, "kubernetes-deleted", body=right, propagation_policy="Foreground")
    assert client.read("kubernetes-deleted")["metadata"]["deletionTimestamp"]
    free = {"metadata": {"finalizers": None}}
    client.objects.patch_namespaced_custom_object(*PLACE, "kubernetes-deleted", free)
    client.made("kubernetes-many", labels={"of": "kubernetes-delete"})
    client.objects.delete_collection_namespaced_custom_object(
        *PLACE, label_selector="of=kubernetes-delete"
    )
    for name in ("kubernetes-deleted", "kubernetes-many"):
        assert _until_gone(client, name)


def sends_its_token(client: Client) -> str:
    """Over plain HTTP as well."""
    client.api.configuration.host = os.environ["PLAIN_HTTP"]
    assert client.objects.list_namespaced_custom_object(*PLACE)["items"]
    return "sent"


def _until_gone(client: Client, name: str) -> bool:
    for _ in range(200):
        try:
            client.read(name)
        except ApiException as error:
            return bool(error.status == 404)
        time.sleep(0.05)
    return False


def _refused(call: Callable[[], Any]) -> int:
    try:
        call()
    except ApiException as error:
        return int(error.status)
    return 0


CHECKS = {
    Row.DISCOVERY: discovers,
    Row.LIST: lists,
    Row.CREATE: creates,
    Row.SERVER_APPLY: applies,
    Row.PATCH: patches,
    Row.STRATEGIC: patches_strategically,
    Row.STATUS: writes_status,
    Row.SCALE: scales,
    Row.WATCH: watches,
    Row.TOO_OLD: recovers,
    Row.CLOSED: reconnects,
    Row.DELETE: deletes,
    Row.PLAIN_TOKEN: sends_its_token,
}
BESIDE = {Row.EVENTS: posts_events, Row.ACCESS: asks}

if __name__ == "__main__":
    asyncio.run(tell(BESIDE if sys.argv[1:] else CHECKS, Client()))
