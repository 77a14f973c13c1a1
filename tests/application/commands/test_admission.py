"""From what was asked for to a sound spec."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from application.commands.admission import DesiredLabInstance, admit
from application.ports.templates import Template
from domain.errors import FaultReason, FieldFault, InvalidLabInstance
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec


class Catalogue:
    """Templates that a test names."""

    def __init__(self, *templates: Template) -> None:
        self._templates = {template.name: template for template in templates}

    def get(self, name: str) -> Template | None:
        return self._templates.get(name)

    def all(self) -> Sequence[Template]:
        return list(self._templates.values())


def template(name: str, *, unavailable: str = "", hours: int = 4) -> Template:
    return Template(
        name=name,
        title=name,
        default_duration="45m",
        maximum_duration=timedelta(hours=hours),
        unavailable=unavailable,
    )


CATALOGUE = Catalogue(template("python-basics"), template("broken", unavailable="no such program"))


def desired(**said: Any) -> DesiredLabInstance:
    nothing: Mapping[str, Any] = {
        "key": LabKey("default", "lab-1"),
        "labels": {},
        "annotations": {},
        "finalizers": (),
        "template": None,
        "duration": None,
        "student_email": None,
        "environment": {},
        "faults": (),
    }
    return DesiredLabInstance(**{**nothing, **said})


def spec(template_name: str = "python-basics", duration: str = "60m") -> LabInstanceSpec:
    return LabInstanceSpec(
        template=template_name, duration=duration, student_email="", environment={}
    )


def faults_of(
    wanted: DesiredLabInstance, current: LabInstanceSpec | None = None
) -> Mapping[str, FieldFault]:
    with pytest.raises(InvalidLabInstance) as caught:
        admit(wanted, CATALOGUE, current=current)
    return {fault.field: fault for fault in caught.value.faults}


def test_fields_left_out_take_the_defaults() -> None:
    admitted = admit(desired(), CATALOGUE, current=None)
    assert (admitted.template, admitted.duration) == ("python-basics", "45m")


def test_fields_given_are_kept_as_they_were_written() -> None:
    wanted = desired(duration="0h60m", student_email="a@b.example", environment={"A": "1"})
    admitted = admit(wanted, CATALOGUE, current=None)
    assert admitted.duration == "0h60m"
    assert admitted.student_email == "a@b.example"
    assert admitted.environment == {"A": "1"}


def test_every_faulty_field_is_named() -> None:
    earlier = FieldFault(field="spec", reason=FaultReason.TYPE, message="must be an object")
    found = faults_of(
        desired(
            key=LabKey("No Space", "No_Name"),
            labels={"a b": "v"},
            annotations={"c d": "v"},
            finalizers=("e f",),
            template="unknown",
            duration="soon",
            student_email="nobody",
            environment={"1": "v"},
            faults=(earlier,),
        )
    )
    assert set(found) == {
        "spec",
        "metadata.name",
        "metadata.namespace",
        "metadata.labels",
        "metadata.annotations",
        "metadata.finalizers[0]",
        "spec.template",
        "spec.duration",
        "spec.studentEmail",
        "spec.environment",
    }


def test_an_unknown_template_is_answered_with_those_that_can_be_had() -> None:
    fault = faults_of(desired(template="nope"))["spec.template"]
    assert fault.reason is FaultReason.NOT_SUPPORTED
    assert fault.message == '"nope": supported values: "python-basics"'


def test_an_unavailable_template_is_refused_with_its_reason() -> None:
    assert "no such program" in faults_of(desired(template="broken"))["spec.template"].message


@pytest.mark.parametrize("duration", ["", "0s", "-5m", "1d", "99999h", "5h", "1h 5m", "9" * 40])
def test_an_impossible_duration_is_refused(duration: str) -> None:
    assert set(faults_of(desired(duration=duration))) == {"spec.duration"}


def test_a_lab_keeps_a_template_that_a_new_one_could_not_have() -> None:
    for gone in ("broken", "vanished"):
        admitted = admit(
            desired(template=gone, duration="60m", labels={"a": "b"}),
            CATALOGUE,
            current=spec(gone),
        )
        assert admitted == spec(gone)


def test_a_lab_keeps_a_duration_that_its_template_no_longer_allows() -> None:
    wanted = desired(template="python-basics", duration="9h")
    assert admit(wanted, CATALOGUE, current=spec(duration="9h")).duration == "9h"
    assert set(faults_of(wanted, spec(duration="8h"))) == {"spec.duration"}


def test_a_lab_without_a_name_is_told_what_it_lacks() -> None:
    fault = faults_of(desired(key=LabKey("default", "")))["metadata.name"]
    assert fault.reason is FaultReason.REQUIRED
