"""kubectl creates, replaces, edits and patches labs, each in its several ways."""

import json
from collections.abc import Sequence

import pytest

from tests.clients.kubectl import Kubectl, lab
from tests.clients.rows import Row

EDITOR = "sed -i s/60m/90m/"
DURATION = "jsonpath={.spec.duration}"


@pytest.mark.shows(Row.CREATE, "ok")
def test_kubectl_creates_a_lab_once(kubectl: Kubectl) -> None:
    name = f"{kubectl.own}-created"
    told = kubectl("create", "-f", "-", stdin=[lab(name)])
    assert told == f"labinstance.lab.neuroglia.com/{name} created\n"
    again = kubectl.refused("create", "-f", "-", stdin=[lab(name)])
    assert "(AlreadyExists)" in again
    assert f'labinstances.lab.neuroglia.com "{name}" already exists' in again


@pytest.mark.shows(Row.CREATE, "ok")
def test_kubectl_lets_the_service_choose_names(kubectl: Kubectl) -> None:
    declared = lab("", generateName=f"{kubectl.own}-any-")
    del declared["metadata"]["name"]
    names = {kubectl("create", "-f", "-", "-o", "name", stdin=[declared]) for _ in range(2)}
    assert len(names) == 2
    assert all(f"/{kubectl.own}-any-" in name for name in names)


@pytest.mark.shows(Row.CREATE, "ok")
@pytest.mark.parametrize("where", ["server", "client"])
@pytest.mark.parametrize("verb", ["create", "apply"])
def test_a_kubectl_dry_run_changes_nothing(kubectl: Kubectl, verb: str, where: str) -> None:
    name = f"{kubectl.own}-tried"
    told = kubectl(verb, "-f", "-", f"--dry-run={where}", stdin=[lab(name)])
    assert "created" in told
    assert kubectl("get", "lab", name, "--ignore-not-found") == ""


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_applies_changes_and_only_those(kubectl: Kubectl) -> None:
    name = kubectl.made("applied")
    declared = lab(name, labels={"course": "python"})
    assert "configured" in kubectl("apply", "-f", "-", stdin=[declared])
    assert "unchanged" in kubectl("apply", "-f", "-", stdin=[declared])
    declared["spec"]["duration"] = "2h"
    del declared["metadata"]["labels"]
    assert "configured" in kubectl("apply", "-f", "-", stdin=[declared])
    told = kubectl.read("lab", name)
    assert (told["spec"]["duration"], told["metadata"].get("labels")) == ("2h", None)
    assert (
        json.loads(kubectl("apply", "view-last-applied", f"lab/{name}", "-o", "json"))["spec"]
        == declared["spec"]
    )


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_shows_what_would_differ(kubectl: Kubectl) -> None:
    name = f"{kubectl.own}-differs"
    kubectl("apply", "-f", "-", stdin=[lab(name)])
    kubectl("wait", "--for=condition=Ready", f"lab/{name}")
    same = kubectl.tried("diff", "-f", "-", stdin=[lab(name)])
    assert (same.returncode, same.stdout) == (0, "")
    declared = lab(name)
    declared["spec"]["duration"] = "2h"
    for how in ((), ("--server-side", "--force-conflicts")):
        differs = kubectl.tried("diff", *how, "-f", "-", stdin=[declared])
        assert differs.returncode == 1, differs.stderr
        assert "-  duration: 60m\n+  duration: 2h" in differs.stdout
    assert kubectl("get", "lab", name, "-o", DURATION) == "60m"


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_edits_a_lab(kubectl: Kubectl) -> None:
    name = kubectl.made("edited")
    assert "edited" in kubectl("edit", "lab", name, KUBE_EDITOR=EDITOR)
    assert kubectl("get", "lab", name, "-o", DURATION) == "90m"
    assert "no changes made" in kubectl.tried("edit", "lab", name, KUBE_EDITOR=EDITOR).stderr


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_replaces_the_version_it_has_read_and_no_newer(kubectl: Kubectl) -> None:
    name = kubectl.made("replaced")
    read = kubectl.read("lab", name)
    read["spec"]["duration"] = "2h"
    assert "replaced" in kubectl("replace", "-f", "-", stdin=[read])
    stale = kubectl.refused("replace", "-f", "-", stdin=[read])
    assert "the object has been modified; please apply your changes to the latest version" in stale


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_replaces_a_lab_by_force(kubectl: Kubectl) -> None:
    name = kubectl.made("forced")
    uid = kubectl.read("lab", name)["metadata"]["uid"]
    assert "replaced" in kubectl("replace", "--force", "-f", "-", stdin=[lab(name)])
    assert kubectl.read("lab", name)["metadata"]["uid"] != uid


@pytest.mark.shows(Row.CLIENT_APPLY, "ok")
def test_kubectl_prunes_labs_that_are_applied_no_longer(kubectl: Kubectl) -> None:
    course = {"course": f"pruned-{kubectl.own}"}
    kept, gone = (lab(f"{kubectl.own}-{name}", labels=course) for name in ("kept", "gone"))
    kubectl("apply", "-f", "-", stdin=[kept, gone])
    prune = ("--prune", "-l", f"course={course['course']}")
    kinds = "--prune-allowlist=lab.neuroglia.com/v1/LabInstance"
    told = kubectl("apply", *prune, kinds, "-f", "-", stdin=[kept])
    assert f"{kubectl.own}-gone pruned" in told
    kubectl("wait", "--for=delete", f"lab/{kubectl.own}-gone")
    assert kubectl("get", "lab", *prune[1:], "-o", "name").endswith("-kept\n")


@pytest.mark.shows(Row.SERVER_APPLY, "ok")
def test_kubectl_moves_fields_from_client_side_to_server_side_apply(kubectl: Kubectl) -> None:
    name = f"{kubectl.own}-moved"
    kubectl("apply", "-f", "-", stdin=[lab(name, labels={"course": "go"})])
    kubectl("wait", "--for=condition=Ready", f"lab/{name}")
    apply = ("apply", "--server-side", "-f", "-")
    assert "serverside-applied" in kubectl(*apply, stdin=[lab(name)])
    moved = kubectl.read("lab", name, "--show-managed-fields")
    assert "labels" not in moved["metadata"]
    managers = {
        (field["manager"], field["operation"]) for field in moved["metadata"]["managedFields"]
    }
    assert ("kubectl", "Apply") in managers
    assert ("kubectl-client-side-apply", "Update") not in managers
    kubectl(*apply, stdin=[lab(name)])
    assert (
        kubectl.read("lab", name)["metadata"]["resourceVersion"]
        == moved["metadata"]["resourceVersion"]
    )


@pytest.mark.shows(Row.SERVER_APPLY, "ok")
def test_kubectl_reports_conflicts_of_managers_and_may_force(kubectl: Kubectl) -> None:
    name = kubectl.made("disputed")
    declared = lab(name)
    declared["spec"] = {"duration": "2h"}
    apply = ("apply", "--server-side", "--field-manager=grader", "-f", "-")
    refused = kubectl.refused(*apply, stdin=[declared])
    assert 'conflict with "kubectl-create": .spec.duration' in refused
    kubectl(*apply, "--force-conflicts", stdin=[declared])
    assert kubectl("get", "lab", name, "-o", DURATION) == "2h"


@pytest.mark.shows(Row.SERVER_APPLY, "ok")
def test_kubectl_creates_a_lab_by_applying(kubectl: Kubectl) -> None:
    name = f"{kubectl.own}-served"
    told = kubectl("apply", "--server-side", "-f", "-", stdin=[lab(name)])
    assert told == f"labinstance.lab.neuroglia.com/{name} serverside-applied\n"
    dry = kubectl(
        "apply", "--server-side", "--dry-run=server", "-f", "-", stdin=[lab(f"{name}-2")]
    )
    assert "serverside-applied (server dry run)" in dry
    assert kubectl("get", "lab", f"{name}-2", "--ignore-not-found") == ""


@pytest.mark.shows(Row.PATCH, "ok")
@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("merge", '{"spec": {"duration": "2h"}}'),
        ("json", '[{"op": "replace", "path": "/spec/duration", "value": "2h"}]'),
    ],
)
def test_kubectl_patches_a_lab(kubectl: Kubectl, kind: str, patch: str) -> None:
    name = kubectl.made(f"patch-{kind}")
    how = ("patch", "lab", name, f"--type={kind}", "-p", patch)
    kubectl(*how, "--dry-run=server")
    assert kubectl("get", "lab", name, "-o", DURATION) == "60m"
    assert kubectl(*how).endswith("patched\n")
    assert kubectl(*how).endswith("patched (no change)\n")
    assert kubectl("get", "lab", name, "-o", DURATION) == "2h"


@pytest.mark.shows(Row.PATCH, "ok")
def test_kubectl_reports_a_patch_that_does_not_fit(kubectl: Kubectl) -> None:
    name = kubectl.made("unfit")
    test = '[{"op": "test", "path": "/spec/duration", "value": "1h"}]'
    refused = kubectl.refused("patch", "lab", name, "--type=json", "-p", test)
    assert "The request is invalid: testing path /spec/duration value failed" in refused
    stale = '{"metadata": {"resourceVersion": "1"}, "spec": {"duration": "2h"}}'
    refused = kubectl.refused("patch", "lab", name, "--type=merge", "-p", stale)
    assert "the object has been modified" in refused


@pytest.mark.shows(Row.PATCH, "ok")
@pytest.mark.parametrize("verb", ["label", "annotate"])
def test_kubectl_labels_and_annotates_labs(kubectl: Kubectl, verb: str) -> None:
    name = kubectl.made(f"noted-{verb}")
    kubectl(verb, "lab", name, "course=python")
    assert "already has a value" in kubectl.refused(verb, "lab", name, "course=go")
    kubectl(verb, "lab", name, "course=go", "--overwrite")
    field = "labels" if verb == "label" else "annotations"
    assert kubectl.read("lab", name)["metadata"][field]["course"] == "go"
    kubectl(verb, "lab", name, "course-")
    assert field not in kubectl.read("lab", name)["metadata"]


@pytest.mark.shows(Row.STRATEGIC, "415")
def test_a_strategic_patch_is_refused_as_for_every_custom_kind(kubectl: Kubectl) -> None:
    name = kubectl.made("strategic")
    refused = kubectl.refused("patch", "lab", name, "-p", '{"spec": {"duration": "2h"}}')
    assert "(UnsupportedMediaType)" in refused or "application/merge-patch+json" in refused


@pytest.mark.shows(Row.STATUS, "ok")
def test_kubectl_reads_and_writes_the_status_alone(kubectl: Kubectl) -> None:
    name = kubectl.made("status")
    below = ("--subresource=status",)
    assert kubectl("get", "lab", name, *below).split()[0] == "NAME"
    kubectl(
        "patch",
        "lab",
        name,
        *below,
        "--type=merge",
        "-p",
        '{"status": {"grade": "A"}, "spec": {"duration": "2h"}}',
    )
    told = kubectl.read("lab", name)
    assert (told["status"]["grade"], told["spec"]["duration"]) == ("A", "60m")
    told["status"]["grade"] = "B"
    kubectl("replace", *below, "-f", "-", stdin=[told])
    kubectl("edit", "lab", name, *below, KUBE_EDITOR="sed -i s/grade:\\ B/grade:\\ C/")
    assert kubectl.read("lab", name)["status"]["grade"] == "C"
    applied = {**lab(name), "status": {"remark": "well done"}}
    del applied["spec"]
    kubectl("apply", "--server-side", *below, "--field-manager=grader", "-f", "-", stdin=[applied])
    status = kubectl.read("lab", name)["status"]
    assert (status["remark"], status["grade"], status["state"]) == ("well done", "C", "ready")


@pytest.mark.shows(Row.SCALE, "ok")
def test_kubectl_scales_to_one_and_no_other_number(kubectl: Kubectl) -> None:
    name = kubectl.made("scaled")
    before = kubectl.read("lab", name)
    for current in ((), ("--current-replicas=1",)):
        told = kubectl("scale", "lab", name, "--replicas=1", *current)
        assert told == f"labinstance.lab.neuroglia.com/{name} scaled\n"
    assert kubectl.read("lab", name) == before
    refused = kubectl.refused("scale", "lab", name, "--replicas=5")
    assert f'The Scale "{name}" is invalid: spec.replicas: Invalid value: 5: must be 1' in refused
    assert "create another lab" in refused
    mistaken = kubectl.refused("scale", "lab", name, "--replicas=1", "--current-replicas=3")
    assert "Expected replicas to be 3, was 1" in mistaken
    printed = kubectl("get", "lab", name, "--subresource=scale").splitlines()
    assert [line.split()[:3] for line in printed] == [
        ["NAME", "DESIRED", "AVAILABLE"],
        [name, "1", "1"],
    ]


@pytest.mark.shows(Row.VALIDATION, "ok")
@pytest.mark.parametrize("verb", [("create",), ("apply",), ("apply", "--server-side")])
def test_kubectl_reports_unknown_fields(kubectl: Kubectl, verb: Sequence[str]) -> None:
    declared = lab(f"{kubectl.own}-unknown-{len(verb)}{verb[0]}")
    declared["spec"]["colour"] = "red"
    refused = kubectl.refused(*verb, "-f", "-", stdin=[declared])
    assert "spec.colour" in refused
    done = kubectl.tried(*verb, "--validate=warn", "-f", "-", stdin=[declared])
    assert done.returncode == 0, done.stderr
    assert "spec.colour" in done.stderr
    kubectl("wait", "--for=condition=Ready", f"lab/{declared['metadata']['name']}")
    ignored = kubectl.tried("replace", "--validate=ignore", "-f", "-", stdin=[declared])
    assert (ignored.returncode, ignored.stderr) == (0, "")


@pytest.mark.shows(Row.VALIDATION, "ok")
def test_kubectl_reports_every_fault_of_a_lab(kubectl: Kubectl) -> None:
    declared = lab(f"{kubectl.own}-faulty")
    declared["spec"] |= {"duration": "soon", "studentEmail": "nobody"}
    refused = kubectl.refused("create", "-f", "-", stdin=[declared])
    assert f'The LabInstance "{kubectl.own}-faulty" is invalid:' in refused
    assert "* spec.duration: Invalid value" in refused
    assert "* spec.studentEmail: Invalid value" in refused
