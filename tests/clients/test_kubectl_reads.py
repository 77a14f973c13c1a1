"""kubectl finds, prints, pages and explains labs."""

from collections.abc import Sequence

import pytest

from tests.clients.kubectl import Kubectl, lab
from tests.clients.rows import Row

COLUMNS = "NAME STATE TEMPLATE STUDENT READY ENDPOINT EXPIRES AGE"
STEM = "labinstance.lab.neuroglia.com/"


@pytest.fixture(scope="session")
def course(kubectl: Kubectl) -> str:
    """A namespace with three labs, all ready; another with one."""
    namespace = f"course-{kubectl.own}"
    for each in (namespace, f"{namespace}-2"):
        kubectl.served.make_namespace(each)
    made = (
        lab("c", namespace=namespace, labels={"course": "go"}),
        lab("a", namespace=namespace, labels={"course": "python", "tier": "gold"}),
        lab("b", namespace=namespace, labels={"course": "python"}),
        lab("d", namespace=f"{namespace}-2", labels={"of": namespace}),
    )
    kubectl("apply", "-f", "-", stdin=made)
    kubectl("wait", "-n", namespace, "--for=condition=Ready", "lab", "--all")
    return namespace


@pytest.mark.shows(Row.DISCOVERY, "ok")
def test_kubectl_discovers_every_kind_that_is_served(kubectl: Kubectl) -> None:
    told = kubectl("api-resources", "--api-group=lab.neuroglia.com")
    assert "labinstances" in told
    assert "lab,labs" in told
    assert "lab.neuroglia.com/v1" in kubectl("api-versions")
    assert "Server Version: v1.37" in kubectl("version")


@pytest.mark.shows(Row.DISCOVERY, "ok")
@pytest.mark.parametrize(
    "name", ["lab", "labs", "labinstance", "labinstances.v1.lab.neuroglia.com"]
)
def test_kubectl_understands_every_name_of_the_kind(kubectl: Kubectl, name: str) -> None:
    assert kubectl("get", name, "-l", "none=such") == ""


@pytest.mark.shows(Row.LIST, "ok")
@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ((), "abc"),
        (("-l", "course=python"), "ab"),
        (("-l", "course in (python,go)"), "abc"),
        (("-l", "course notin (python)"), "c"),
        (("-l", "course=python,tier!=gold"), "b"),
        (("-l", "course,!tier"), "bc"),
        (("--field-selector", "metadata.name=b"), "b"),
        (("-l", "course", "--field-selector", "status.state=ready"), "abc"),
        (("--field-selector", "spec.template!=static"), ""),
    ],
)
def test_kubectl_selects_labs_by_labels_and_fields(
    kubectl: Kubectl, course: str, selector: Sequence[str], found: str
) -> None:
    told = kubectl("get", "lab", "-n", course, *selector, "-o", "name")
    assert told.split() == [STEM + name for name in found]


@pytest.mark.shows(Row.LIST, "ok")
def test_kubectl_gets_a_lab_and_names_a_missing_one(kubectl: Kubectl, course: str) -> None:
    assert kubectl("get", "lab/a", "-n", course, "-o", "jsonpath={.status.state}") == "ready"
    missing = kubectl.refused("get", "lab", "none")
    assert 'labinstances.lab.neuroglia.com "none" not found' in missing
    columns = "custom-columns=NAME:.metadata.name,FROM:.spec.template"
    told = kubectl("get", "lab/a", "-n", course, "-o", columns)
    assert told.split() == ["NAME", "FROM", "a", "static"]
    assert "kind: LabInstance" in kubectl("get", "lab/a", "-n", course, "-o", "yaml")


@pytest.mark.shows(Row.LIST, "ok")
def test_kubectl_reports_a_selector_that_is_not_supported(kubectl: Kubectl, course: str) -> None:
    refused = kubectl.refused("get", "lab", "-n", course, "--field-selector", "spec.foo=1")
    assert "field label not supported: spec.foo" in refused


@pytest.mark.shows(Row.TABLE, "ok")
def test_kubectl_prints_labs_as_tables(kubectl: Kubectl, course: str) -> None:
    head, *rows = kubectl("get", "lab", "-n", course).splitlines()
    assert head.split() == COLUMNS.split()
    assert [row.split()[:3] for row in rows] == [[name, "ready", "static"] for name in "abc"]
    wide = kubectl("get", "lab", "-n", course, "-o", "wide").splitlines()[0]
    assert wide.split()[-4:] == ["DURATION", "RETRIES", "REASON", "MESSAGE"]


@pytest.mark.shows(Row.TABLE, "ok")
def test_kubectl_prints_all_namespaces_labels_and_other_orders(
    kubectl: Kubectl, course: str
) -> None:
    everywhere = kubectl("get", "lab", "-A").splitlines()
    assert everywhere[0].startswith("NAMESPACE")
    assert any(line.split()[:2] == [f"{course}-2", "d"] for line in everywhere)
    told = kubectl("get", "all", "-n", course, "--show-labels", "-L", "course", "--no-headers")
    assert told.splitlines()[0].split()[-2:] == ["python", "course=python,tier=gold"]
    by_course = kubectl("get", "lab", "-n", course, "--sort-by=.metadata.labels.course")
    assert by_course.splitlines()[1].startswith("c ")


@pytest.mark.shows(Row.PAGING, "ok")
def test_kubectl_reads_a_list_in_pages(kubectl: Kubectl, course: str) -> None:
    by_page = kubectl("get", "lab", "-n", course, "--chunk-size=1", "-o", "name", "-v=6")
    assert by_page.split() == [STEM + name for name in "abc"]
    verbose = kubectl.tried("get", "lab", "-n", course, "--chunk-size=1", "-v=6").stderr
    assert verbose.count("limit=1") == 3


@pytest.mark.shows(Row.EXPLAIN, "ok")
@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("lab", "KIND:       LabInstance"),
        ("lab.spec", "studentEmail"),
        ("lab.spec.duration", "duration <string>"),
        ("lab.status.conditions", "lastTransitionTime"),
        ("lab.metadata", "finalizers"),
    ],
)
def test_kubectl_explains_kinds_and_fields(kubectl: Kubectl, field: str, told: str) -> None:
    assert told in kubectl("explain", field)


@pytest.mark.shows(Row.EXPLAIN, "ok")
def test_kubectl_explains_the_whole_tree_and_names_an_unknown_field(kubectl: Kubectl) -> None:
    assert "studentEmail" in kubectl("explain", "lab", "--recursive")
    assert 'field "foo" does not exist' in kubectl.refused("explain", "lab.spec.foo")
