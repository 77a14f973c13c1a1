"""kubectl with what stands beside labs: namespaces, leases, and Events."""

import pytest

from tests.clients.kubectl import Kubectl, lab
from tests.clients.rows import Row


@pytest.mark.shows(Row.DELETE, "ok")
def test_a_namespace_goes_with_all_that_is_in_it(kubectl: Kubectl) -> None:
    namespace = f"namespace-{kubectl.own}"
    assert kubectl("create", "namespace", namespace) == f"namespace/{namespace} created\n"
    assert "Active" in kubectl("get", "ns", namespace)
    kubectl("create", "-f", "-", stdin=[lab("a", namespace=namespace)])
    kubectl("delete", "namespace", namespace)
    assert kubectl("get", "ns", namespace, "--ignore-not-found") == ""
    assert not [line for line in kubectl("get", "lab", "-A").splitlines() if namespace in line]


@pytest.mark.shows(Row.CREATE, "ok")
def test_a_lab_goes_into_a_namespace_that_is_there(kubectl: Kubectl) -> None:
    refused = kubectl.refused("create", "-f", "-", stdin=[lab("a", namespace="nowhere")])
    assert '(NotFound): error when creating "STDIN": namespaces "nowhere" not found' in refused


@pytest.mark.shows(Row.CREATE, "ok")
def test_a_list_holds_many_at_once(kubectl: Kubectl) -> None:
    names = [f"{kubectl.own}-list-{number}" for number in range(2)]
    many = {"apiVersion": "v1", "kind": "List", "items": [lab(name) for name in names]}
    assert kubectl("apply", "-f", "-", stdin=[many]).count("created") == 2


@pytest.mark.shows(Row.EVENTS, "ok")
def test_kubectl_describes_a_lab_with_its_events(kubectl: Kubectl) -> None:
    name = kubectl.made("described")
    told = kubectl("describe", "lab", name)
    assert "Name:         " + name in told
    assert "Events:" in told
    assert "<none>" not in told.split("Events:")[1]


@pytest.mark.shows(Row.EVENTS, "ok")
def test_kubectl_prints_the_events_of_one_lab_and_of_all(kubectl: Kubectl) -> None:
    name = kubectl.made("eventful")
    assert "LAST SEEN" in kubectl("events", "--for", f"lab/{name}")
    selected = ("--field-selector", f"involvedObject.name={name}")
    head, *rows = kubectl("get", "events", *selected).splitlines()
    assert head.split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert len(rows) >= 3
    assert all(f"labinstance/{name}" in row for row in rows)


@pytest.mark.shows(Row.EVENTS, "ok")
def test_kubectl_follows_events(kubectl: Kubectl) -> None:
    with kubectl.following("get", "events", "-w") as followed:
        name = kubectl.made("followed")
        followed.until(lambda lines: any(f"labinstance/{name}" in line for line in lines))


def test_leases_are_kept(kubectl: Kubectl) -> None:
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": f"{kubectl.own}-lease", "namespace": "default"},
        "spec": {"holderIdentity": "one", "leaseDurationSeconds": 15},
    }
    kubectl("apply", "-f", "-", stdin=[lease])
    path = "jsonpath={.spec.holderIdentity}"
    assert kubectl("get", "lease", f"{kubectl.own}-lease", "-o", path) == "one"
    kubectl("delete", "lease", f"{kubectl.own}-lease")
