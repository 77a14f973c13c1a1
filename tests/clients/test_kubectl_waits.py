"""kubectl follows what becomes of labs: it watches, waits and deletes."""

import time
from collections.abc import Sequence

import pytest

from tests.clients.kubectl import Kubectl, lab
from tests.clients.rows import Row

HOLD = ("patch", "--type=merge", "-p", '{"metadata": {"finalizers": ["example.com/hold"]}}')
LET_GO = ("patch", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')


@pytest.mark.shows(Row.WATCH, "ok")
def test_a_kubectl_watch_prints_a_row_for_each_change(kubectl: Kubectl) -> None:
    course = {"course": f"rows-{kubectl.own}"}
    kubectl.make(f"{kubectl.own}-row-1", labels=course)
    with kubectl.following("get", "lab", "-l", f"course={course['course']}", "-w") as followed:
        followed.until(lambda lines: len(lines) == 2)
        kubectl("create", "-f", "-", stdin=[lab(f"{kubectl.own}-row-2", labels=course)])
        lines = followed.until(lambda lines: len(lines) > 4 and " ready " in lines[-1])
    assert lines[0].split()[:2] == ["NAME", "STATE"]
    assert [line.split()[1] for line in lines[1:]] == ["ready", "pending", "provisioning", "ready"]


@pytest.mark.shows(Row.WATCH, "ok")
def test_a_kubectl_watch_prints_names_and_types_of_watch_events(kubectl: Kubectl) -> None:
    name = kubectl.made("events")
    selected = ("--field-selector", f"metadata.name={name}")
    watch = ("get", "lab", *selected, "-w", "--output-watch-events", "-o")
    with (
        kubectl.following(*watch, "name") as names,
        kubectl.following(
            *watch, "jsonpath={.type} {.object.metadata.labels.course}{'\\n'}"
        ) as told,
    ):
        for followed in (names, told):
            followed.until(lambda lines: len(lines) == 1)
        kubectl("label", "lab", name, "course=go")
        kubectl("delete", "lab", name)
        named = names.until(lambda lines: len(lines) == 4)
        lines = told.until(lambda lines: lines[-1].startswith("DELETED"))
    assert [line.split()[0] for line in lines] == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]
    assert lines[-1] == "DELETED go"
    assert set(named) == {f"labinstance.lab.neuroglia.com/{name}"}


@pytest.mark.shows(Row.WATCH, "ok")
def test_a_kubectl_watch_of_a_selection_sees_labs_come_and_go(kubectl: Kubectl) -> None:
    name = kubectl.made("filtered")
    selected = ("-l", f"course=filtered-{kubectl.own}")
    watch = ("get", "lab", *selected, "--watch-only", "--output-watch-events", "--no-headers")

    def events(lines: Sequence[str]) -> Sequence[Sequence[str]]:
        return [line.split()[:2] for line in lines if line.split()[1:2] == [name]]

    def begun(lines: Sequence[str]) -> bool:  # it has no initial events: only its log tells
        return any("watch=true" in line and "200 OK" in line for line in lines)

    with kubectl.following(*watch, "-v=6") as followed:
        followed.until(begun)
        kubectl("label", "lab", name, f"course=filtered-{kubectl.own}")
        kubectl("label", "lab", name, "course=another", "--overwrite")
        lines = followed.until(lambda lines: len(events(lines)) == 2)
    assert events(lines) == [["ADDED", name], ["DELETED", name]]


@pytest.mark.shows(Row.WATCH, "ok")
def test_kubectl_watches_one_lab_and_all_namespaces(kubectl: Kubectl) -> None:
    name = kubectl.made("single")
    with (
        kubectl.following("get", "lab", name, "-w", "-o", "json", "--output-watch-events") as one,
        kubectl.following("get", "lab", "-A", "-w") as everything,
    ):
        for followed in (one, everything):
            followed.until(bool)
        kubectl("label", "lab", name, "course=go")
        one.until(lambda lines: sum('"type":"MODIFIED"' in line for line in lines) == 1)
        everything.until(lambda lines: sum(f" {name} " in line for line in lines) == 2)


@pytest.mark.shows(Row.CLOSED, "exits 0")
def test_a_kubectl_watch_ends_well_when_the_service_closes_it(kubectl: Kubectl) -> None:
    path = f"{kubectl.served.labs}?watch=1&timeoutSeconds=1"
    with kubectl.following("get", "--raw", path) as followed:
        assert followed.ended() == 0


@pytest.mark.shows(Row.WATCH_LIST, "ok")
@pytest.mark.parametrize("verb", ["wait", "delete"])
def test_kubectl_waits_and_deletes_with_initial_events(kubectl: Kubectl, verb: str) -> None:
    name = kubectl.made(f"listed-{verb}")
    how = (
        ("delete", "lab", name)
        if verb == "delete"
        else ("wait", "--for=condition=Ready", f"lab/{name}")
    )
    told = kubectl.tried(*how, "-v=6")
    assert told.returncode == 0, told.stderr
    if kubectl.own == "wheel" and verb == "wait":  # what is gone already is not waited for
        assert "sendInitialEvents=true" in told.stderr
    assert "422 Unprocessable" not in told.stderr


@pytest.mark.shows(Row.WAIT, "ok")
def test_kubectl_waits_for_creation_conditions_and_fields(kubectl: Kubectl) -> None:
    name = f"{kubectl.own}-awaited"
    with (
        kubectl.following("wait", "--for=create", f"lab/{name}") as created,
        kubectl.following("wait", "--for=condition=Ready", "lab", "-l", f"of={name}") as nothing,
    ):
        assert nothing.ended() == 1
        kubectl("create", "-f", "-", stdin=[lab(name, labels={"of": name})])
        assert created.ended() == 0
    kubectl("wait", "--for=condition=Ready", "lab", "-l", f"of={name}")
    kubectl("wait", "--for=condition=Provisioned=True", f"lab/{name}")
    kubectl("wait", "--for=jsonpath={.status.state}=ready", f"lab/{name}")
    kubectl("wait", "--for=jsonpath={.status.endpoint}", f"lab/{name}")
    late = kubectl.refused(
        "wait", "--for=jsonpath={.spec.duration}=2h", "--timeout=1s", f"lab/{name}"
    )
    assert "timed out waiting" in late


@pytest.mark.shows(Row.WAIT, "ok")
def test_kubectl_waits_for_deletion(kubectl: Kubectl) -> None:
    name = kubectl.made("ending")
    with kubectl.following("wait", "--for=delete", f"lab/{name}") as followed:
        kubectl("delete", "lab", name, "--wait=false")
        assert followed.ended() == 0
    kubectl("wait", "--for=delete", f"lab/{name}")


@pytest.mark.shows(Row.DELETE, "ok")
def test_kubectl_deletes_by_name_label_and_file(kubectl: Kubectl) -> None:
    for what in ("name", "label", "file"):
        kubectl.make(f"{kubectl.own}-by-{what}", labels={"by": f"{what}-{kubectl.own}"})
    kubectl("delete", "lab", f"{kubectl.own}-by-name")
    kubectl("delete", "lab", "-l", f"by=label-{kubectl.own}")
    kubectl("delete", "-f", "-", stdin=[lab(f"{kubectl.own}-by-file")])
    left = kubectl(
        "get", "lab", "-l", f"by in (name-{kubectl.own},label-{kubectl.own},file-{kubectl.own})"
    )
    assert left == ""
    assert "(NotFound)" in kubectl.refused("delete", "lab", f"{kubectl.own}-by-name")
    assert kubectl("delete", "lab", f"{kubectl.own}-by-name", "--ignore-not-found") == ""


@pytest.mark.shows(Row.DELETE, "ok")
@pytest.mark.parametrize("cascade", ["foreground", "background", "orphan"])
def test_kubectl_deletes_with_every_kind_of_cascade(kubectl: Kubectl, cascade: str) -> None:
    name = kubectl.made(f"cascade-{cascade}")
    assert "(server dry run)" in kubectl("delete", "lab", name, "--dry-run=server")
    kubectl("delete", "lab", name, f"--cascade={cascade}", "--grace-period=0", "--force")
    assert kubectl("get", "lab", name, "--ignore-not-found") == ""


@pytest.mark.shows(Row.DELETE, "ok")
def test_a_finalizer_holds_the_record_until_it_is_taken_away(kubectl: Kubectl) -> None:
    name = kubectl.made("held")
    kubectl(HOLD[0], "lab", name, *HOLD[1:])
    with kubectl.following("delete", "lab", name) as deletion:
        kubectl("wait", "--for=jsonpath={.metadata.deletionTimestamp}", f"lab/{name}")
        time.sleep(0.3)
        assert deletion.process.poll() is None
        kubectl(LET_GO[0], "lab", name, *LET_GO[1:])
        assert deletion.ended() == 0
    assert kubectl("get", "lab", name, "--ignore-not-found") == ""


@pytest.mark.shows(Row.DELETE, "ok")
def test_kubectl_deletes_all_labs_of_a_namespace(kubectl: Kubectl) -> None:
    namespace = f"emptied-{kubectl.own}"
    kubectl.served.make_namespace(namespace)
    kubectl("create", "-f", "-", stdin=[lab(name, namespace=namespace) for name in "abc"])
    kubectl("delete", "lab", "--all", "-n", namespace)
    assert kubectl("get", "lab", "-n", namespace) == ""


@pytest.mark.shows(Row.PLAIN_TOKEN, "never sent")
def test_kubectl_sends_no_token_over_plain_http(kubectl: Kubectl) -> None:
    plain = f"--server=http://127.0.0.1:{kubectl.served.service.port}"
    assert "(Unauthorized)" in kubectl.refused("get", "--raw", kubectl.served.labs, plain)
