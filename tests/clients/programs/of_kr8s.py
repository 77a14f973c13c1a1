"""What kr8s does: objects that refresh, patch and wait for themselves."""

import asyncio
import os
import sys
from threading import Thread
from typing import Any

import kr8s
from kr8s.objects import new_class

from tests.clients.programs.declared import (
    DURATION,
    FIVE,
    GROUP,
    HELD,
    KIND,
    LONGER,
    NAMESPACE,
    ONE,
    VERSION,
    lab,
)
from tests.clients.programs.telling import tell
from tests.clients.rows import Row

LabInstance: Any = new_class(KIND, version=f"{GROUP}/{VERSION}", asyncio=False, namespaced=True)


def made(api: Any, name: str, **metadata: Any) -> Any:
    """A lab that is ready."""
    told = LabInstance(lab(name, **metadata), api=api)
    told.create()
    told.wait("condition=Ready", timeout=20)
    return told


def discovers(api: Any) -> None:
    """Finds the kind by its short name; asks with slashes at the end."""
    assert api.version()["minor"] == "37"
    assert [kind["name"] for kind in api.api_resources() if kind["kind"] == KIND]
    assert list(api.get("lab", field_selector="metadata.name=none", namespace=NAMESPACE)) == []


def lists(api: Any) -> None:
    """Lists with selectors, and by name."""
    made(api, "kr8s-list", labels={"of": "kr8s"})
    for selection in (
        {"label_selector": "of=kr8s"},
        {"label_selector": {"of": "kr8s"}},
        {"field_selector": "metadata.name=kr8s-list"},
    ):
        found = list(api.get(LabInstance, namespace=NAMESPACE, **selection))
        assert [each.name for each in found] == ["kr8s-list"]
    assert LabInstance.get("kr8s-list", namespace=NAMESPACE, api=api).spec.duration == "60m"


def pages(api: Any) -> None:
    """Asks for a hundred at a time, which are more here."""
    for number in range(105):
        LabInstance(lab(f"kr8s-page-{number:03}", labels={"of": "kr8s-page"}), api=api).create()
    found = list(api.get(LabInstance, namespace=NAMESPACE, label_selector="of=kr8s-page"))
    assert len({each.name for each in found}) == len(found) == 105


def creates(api: Any) -> None:
    """Creates once."""
    made(api, "kr8s-made")
    try:
        LabInstance(lab("kr8s-made"), api=api).create()
    except kr8s.ServerError as error:
        code = error.response.status_code
    else:
        code = 201
    assert code == 409
    assert LabInstance(lab("kr8s-made"), api=api).exists()


def patches(api: Any) -> None:
    """Patches in both ways, labels and annotates."""
    told = made(api, "kr8s-patched")
    told.patch(DURATION)
    assert told.spec.duration == "90m"
    told.patch([{"op": "replace", "path": "/spec/duration", "value": "2h"}], type="json")
    assert told.spec.duration == "2h"
    told.label(course="go")
    told.annotate({"example.com/note": "x"})
    told.refresh()
    assert (dict(told.labels), told.annotations["example.com/note"]) == ({"course": "go"}, "x")


def writes_status(api: Any) -> None:
    """Patches the status alone."""
    told = made(api, "kr8s-status")
    told.patch({"status": {"grade": "A"}, **LONGER}, subresource="status")
    told.refresh()
    assert (told.status.grade, told.spec.duration) == ("A", "60m")


def scales(api: Any) -> str:
    """Patches the scale: one, and no other number. Its `scale()` writes into the object's spec
    instead, where a lab has no such field, and then misses it."""
    told = made(api, "kr8s-scale")
    told.patch(ONE, subresource="scale")
    assert (told.spec.replicas, told.status.replicas) == (1, 1)
    codes = []
    try:
        told.patch(FIVE, subresource="scale")
    except kr8s.ServerError as error:
        codes.append(error.response.status_code)
    assert codes == [422]
    of_its_own = new_class(KIND, f"{GROUP}/{VERSION}", asyncio=False, scalable=True)
    try:
        of_its_own.get("kr8s-scale", namespace=NAMESPACE, api=api).scale(1)
    except KeyError:
        return "ok by patch"
    return "ok"


def watches(api: Any) -> None:
    """Sees what happens, in order."""
    told = made(api, "kr8s-watched")
    seen = []
    for kind, _ in api.watch(
        "labinstances.lab.neuroglia.com",
        namespace=NAMESPACE,
        field_selector="metadata.name=kr8s-watched",
    ):
        seen.append(kind)
        if len(seen) == 1:
            told.delete()
        if kind == "DELETED":
            break
    assert (seen[0], seen[-1], "MODIFIED" in seen) == ("ADDED", "DELETED", True)


def waits(api: Any) -> None:
    """Waits for conditions, fields and the end."""
    told = made(api, "kr8s-waited")
    told.wait("jsonpath='{.status.state}'=ready", timeout=20)
    deletion = Thread(target=told.delete)
    deletion.start()
    told.wait("delete", timeout=20)
    deletion.join()


def deletes(api: Any) -> None:
    """A finalizer holds the record."""
    told = made(api, "kr8s-deleted", finalizers=HELD)
    told.delete(propagation_policy="Foreground")
    told.refresh()
    assert told.metadata.deletionTimestamp
    told.patch({"metadata": {"finalizers": None}})
    told.wait("delete", timeout=20)
    assert not told.exists()


def reads_events(api: Any) -> None:
    """Finds what the service tells of a lab."""
    made(api, "kr8s-events")
    selected = "involvedObject.name=kr8s-events"
    found = list(api.get("events", namespace=NAMESPACE, field_selector=selected))
    assert found
    assert {event.raw["involvedObject"]["kind"] for event in found} == {KIND}


def knows_itself(api: Any) -> None:
    """Has its own token reviewed."""
    assert "admin" in str(api.whoami())


def sends_its_token(_api: Any) -> str:
    """Over plain HTTP as well."""
    plain = kr8s.api(url=os.environ["PLAIN_HTTP"], kubeconfig=os.environ["KUBECONFIG"])
    plain.auth.server = os.environ["PLAIN_HTTP"]
    assert list(plain.get(LabInstance, namespace=NAMESPACE))
    return "sent"


CHECKS = {
    Row.DISCOVERY: discovers,
    Row.LIST: lists,
    Row.PAGING: pages,
    Row.CREATE: creates,
    Row.PATCH: patches,
    Row.STATUS: writes_status,
    Row.SCALE: scales,
    Row.WATCH: watches,
    Row.WAIT: waits,
    Row.DELETE: deletes,
    Row.PLAIN_TOKEN: sends_its_token,
}
BESIDE = {Row.EVENTS: reads_events, Row.ACCESS: knows_itself}

if __name__ == "__main__":
    api_ = kr8s.api(kubeconfig=os.environ["KUBECONFIG"])
    asyncio.run(tell(BESIDE if sys.argv[1:] else CHECKS, api_))
