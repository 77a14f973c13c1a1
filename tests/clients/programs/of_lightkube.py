"""What lightkube does: typed by the kind, strict about everything."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

from lightkube import ApiError, Client
from lightkube.generic_resource import (
    create_namespaced_resource,
    get_generic_resource,
    load_in_cluster_generic_resources,
)
from lightkube.types import CascadeType, PatchType, on_error_retry

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
from tests.clients.programs.telling import tell
from tests.clients.rows import Row

LabInstance: Any = create_namespaced_resource(GROUP, VERSION, KIND, PLURAL)


def made(client: Client, name: str, **metadata: Any) -> Any:
    """A lab that is ready."""
    client.create(LabInstance.from_dict(lab(name, **metadata)))
    return client.wait(LabInstance, name, for_conditions=["Ready"])


def lists(client: Client) -> None:
    """Lists with selectors."""
    made(client, "lightkube-list", labels={"of": "lightkube"})
    for selection in (
        {"labels": {"of": "lightkube"}},
        {"fields": {"metadata.name": "lightkube-list"}},
    ):
        found = list(client.list(LabInstance, **selection))
        assert [each.metadata.name for each in found] == ["lightkube-list"]
    assert list(client.list(LabInstance, namespace="*"))


def pages(client: Client) -> None:
    """Goes through pages by itself."""
    for number in range(5):
        client.create(
            LabInstance.from_dict(lab(f"lightkube-page-{number}", labels={"of": "pages"}))
        )
    found = [
        each.metadata.name
        for each in client.list(LabInstance, labels={"of": "pages"}, chunk_size=2)
    ]
    assert found == [f"lightkube-page-{number}" for number in range(5)]


def creates(client: Client) -> None:
    """Creates with a name of the service's choice, dry, and once only."""
    declared = lab("", generateName="lightkube-any-")
    del declared["metadata"]["name"]
    told = client.create(LabInstance.from_dict(declared))
    assert told.metadata.name.startswith("lightkube-any-")
    dry = Client(dry_run=True, namespace=NAMESPACE)
    dry.create(LabInstance.from_dict(lab("lightkube-dry")))
    assert refused(lambda: client.get(LabInstance, "lightkube-dry")) == 404
    assert refused(lambda: client.create(told)) in (400, 409)


def applies(client: Client) -> None:
    """Applies on the server, is told of conflicts, and forces."""
    client.apply(LabInstance.from_dict(lab("lightkube-applied")), field_manager="teacher")
    other = LabInstance.from_dict({**lab("lightkube-applied"), "spec": {"duration": "2h"}})
    assert refused(lambda: client.apply(other, field_manager="grader")) == 409
    assert client.apply(other, field_manager="grader", force=True).spec["duration"] == "2h"


def patches(client: Client) -> None:
    """Patches in both ways, and replaces nothing newer."""
    old = made(client, "lightkube-patched")
    merge = client.patch(LabInstance, "lightkube-patched", DURATION, patch_type=PatchType.MERGE)
    assert merge.spec["duration"] == "90m"
    change = [{"op": "replace", "path": "/spec/duration", "value": "2h"}]
    told = client.patch(LabInstance, "lightkube-patched", change, patch_type=PatchType.JSON)
    assert told.spec["duration"] == "2h"
    assert refused(lambda: client.replace(old)) == 409


def patches_strategically(client: Client) -> str:
    """The default."""
    made(client, "lightkube-strategic")
    return str(refused(lambda: client.patch(LabInstance, "lightkube-strategic", DURATION)))


def writes_status(client: Client) -> None:
    """Patches and replaces the status alone."""
    made(client, "lightkube-status")
    patch = {"status": {"grade": "A"}, **LONGER}
    told = client.patch(LabInstance.Status, "lightkube-status", patch, patch_type=PatchType.MERGE)
    assert (told.status["grade"], told.spec["duration"]) == ("A", "60m")
    told.status["grade"] = "B"
    client.replace(LabInstance.Status.from_dict(told.to_dict()))
    assert client.get(LabInstance, "lightkube-status").status["grade"] == "B"


def scales(client: Client) -> None:
    """Reads, replaces and patches the scale: one, and no other number."""
    made(client, "lightkube-scale")
    told = client.get(LabInstance.Scale, "lightkube-scale")
    assert (told.spec.replicas, told.status.replicas) == (1, 1)
    assert client.replace(told, "lightkube-scale") == told
    place = (LabInstance.Scale, "lightkube-scale")
    assert client.patch(*place, ONE, patch_type=PatchType.MERGE) == told
    assert client.patch(*place, told, patch_type=PatchType.APPLY, field_manager="me") == told
    assert refused(lambda: client.patch(*place, FIVE, patch_type=PatchType.MERGE)) == 422


def watches(client: Client) -> None:
    """Sees what happens, in order."""
    made(client, "lightkube-watched")
    seen = []
    for kind, _ in client.watch(LabInstance, fields={"metadata.name": "lightkube-watched"}):
        seen.append(kind)
        if len(seen) == 1:
            client.delete(LabInstance, "lightkube-watched")
        if kind == "DELETED":
            break
    assert (seen[0], seen[-1], "MODIFIED" in seen) == ("ADDED", "DELETED", True)


def recovers(client: Client) -> str:
    """Is told that a version is too old."""
    stream = client.watch(LabInstance, resource_version="999999999", server_timeout=8)
    assert refused(lambda: next(stream)) == 410
    return "raises"


def reconnects(client: Client) -> str:
    """Goes on after the service has closed the watch."""
    made(client, "lightkube-again")
    name = {"metadata.name": "lightkube-again"}
    stream = client.watch(LabInstance, fields=name, server_timeout=1, on_error=on_error_retry)
    version = next(stream)[1].metadata.resourceVersion
    time.sleep(1.2)
    client.patch(LabInstance, "lightkube-again", DURATION, patch_type=PatchType.MERGE)
    kind, told = next(stream)
    assert (kind, told.spec["duration"]) == ("MODIFIED", "90m")
    assert int(told.metadata.resourceVersion) > int(version)
    return "reconnects"


def waits(client: Client) -> None:
    """Waits for conditions, also those that are there."""
    made(client, "lightkube-waited")
    told = client.wait(LabInstance, "lightkube-waited", for_conditions=["Provisioned"])
    assert told.status["state"] == "ready"


def deletes(client: Client) -> None:
    """Deletes with a propagation policy in the query, finalizers, and many at once."""
    made(client, "lightkube-deleted", finalizers=HELD, labels={"of": "lightkube-delete"})
    client.delete(LabInstance, "lightkube-deleted", cascade=CascadeType.FOREGROUND)
    held = client.get(LabInstance, "lightkube-deleted")
    assert held.metadata.deletionTimestamp
    free = {"metadata": {"finalizers": None}}
    client.patch(LabInstance, "lightkube-deleted", free, patch_type=PatchType.MERGE)
    client.create(LabInstance.from_dict(lab("lightkube-many", namespace="lightkube")))
    client.deletecollection(LabInstance, namespace="lightkube")
    _until_gone(client, "lightkube-deleted", NAMESPACE)
    _until_gone(client, "lightkube-many", "lightkube")


def _until_gone(client: Client, name: str, namespace: str) -> None:
    for _ in range(200):
        if refused(lambda: client.get(LabInstance, name, namespace=namespace)) == 404:
            return
        time.sleep(0.05)
    raise TimeoutError(name)


def finds_definitions(client: Client) -> None:
    """Makes its types of the kinds that are defined."""
    load_in_cluster_generic_resources(client)
    assert get_generic_resource(f"{GROUP}/{VERSION}", KIND) is not None


def refused(call: Callable[[], Any]) -> int:
    """The code of the error that a call ends with."""
    try:
        call()
    except ApiError as error:
        return int(error.status.code or error.response.status_code)
    return 0


CHECKS = {
    Row.LIST: lists,
    Row.PAGING: pages,
    Row.CREATE: creates,
    Row.SERVER_APPLY: applies,
    Row.PATCH: patches,
    Row.STRATEGIC: patches_strategically,
    Row.STATUS: writes_status,
    Row.SCALE: scales,
    Row.WATCH: watches,
    Row.TOO_OLD: recovers,
    Row.CLOSED: reconnects,
    Row.WAIT: waits,
    Row.DELETE: deletes,
}
BESIDE = {Row.DISCOVERY: finds_definitions}

if __name__ == "__main__":
    asyncio.run(tell(BESIDE if sys.argv[1:] else CHECKS, Client(namespace=NAMESPACE)))
