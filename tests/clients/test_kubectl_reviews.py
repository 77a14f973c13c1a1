"""kubectl asks who it is and what it may do, and which kinds are defined."""

import pytest

from tests.clients.kubectl import Kubectl
from tests.clients.rows import Row


@pytest.mark.shows(Row.ACCESS, "ok")
def test_kubectl_asks_what_it_may_do(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "create", "lab") == "yes\n"
    assert kubectl("auth", "can-i", "patch", "lab", "--subresource=scale") == "yes\n"
    assert kubectl("auth", "can-i", "delete", "labs.lab.neuroglia.com", "-n", "other") == "yes\n"
    assert "labinstances.lab.neuroglia.com" in kubectl("auth", "can-i", "--list") or "*.*" in (
        kubectl("auth", "can-i", "--list")
    )


@pytest.mark.shows(Row.ACCESS, "ok")
def test_kubectl_asks_who_it_is(kubectl: Kubectl) -> None:
    assert "admin" in kubectl("auth", "whoami")


@pytest.mark.shows(Row.DISCOVERY, "ok")
def test_kubectl_finds_the_definition_of_labs(kubectl: Kubectl) -> None:
    assert "labinstances.lab.neuroglia.com" in kubectl("get", "crd")
    definition = kubectl.read("crd", "labinstances.lab.neuroglia.com")
    assert definition["spec"]["names"]["shortNames"] == ["lab", "labs"]
    kubectl("wait", "--for=condition=Established", "crd/labinstances.lab.neuroglia.com")
