"""Admission: fills in defaults and validates every field of a desired lab. Knows nothing of the
lab's state, on which the domain decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.templates import Template, TemplateCatalog
from domain.errors import FaultReason, FieldFault, InvalidLabInstance
from domain.lab_instance.commands import ChangeLabInstance, CreateLabInstance
from domain.lab_instance.duration import InvalidDuration, format_duration, parse_duration
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from domain.lab_instance.validation import (
    annotation_faults,
    email_faults,
    environment_faults,
    finalizer_faults,
    label_faults,
    name_faults,
    namespace_faults,
)
from domain.precondition import Precondition
from domain.shown import shown

DEFAULT_TEMPLATE = "python-basics"


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredLabInstance:
    """A lab as somebody wants it; None where nothing was said.

    `faults` are those that were found before, such as fields of a wrong type; such a field
    counts as not said.
    """

    key: LabKey
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    template: str | None
    duration: str | None
    student_email: str | None
    environment: Mapping[str, str]
    faults: tuple[FieldFault, ...]

    def creation(
        self, uid: str, spec: LabInstanceSpec, managers: tuple[FieldManager, ...]
    ) -> CreateLabInstance:
        """The command that makes it, once its spec is admitted."""
        return CreateLabInstance(
            lab=self.key,
            uid=uid,
            spec=spec,
            labels=self.labels,
            annotations=self.annotations,
            finalizers=self.finalizers,
            managers=managers,
        )

    def change(
        self,
        spec: LabInstanceSpec,
        managers: tuple[FieldManager, ...],
        precondition: Precondition,
    ) -> ChangeLabInstance:
        """The command that makes the lab of that name so, once its spec is admitted."""
        return ChangeLabInstance(
            lab=self.key,
            spec=spec,
            labels=self.labels,
            annotations=self.annotations,
            finalizers=self.finalizers,
            managers=managers,
            precondition=precondition,
        )


def admit(
    desired: DesiredLabInstance, templates: TemplateCatalog, *, current: LabInstanceSpec | None
) -> LabInstanceSpec:
    """The spec with its defaults, once every field of `desired` is found to be sound.

    A lab that exists already (`current`) keeps the template and the duration it has even
    where a new lab could not have them any more. Raises InvalidLabInstance with all faults.
    """
    faults = [*desired.faults, *_metadata_faults(desired)]
    name = desired.template if desired.template is not None else DEFAULT_TEMPLATE
    template = templates.get(name)
    if current is None or current.template != name:
        faults += _template_faults(name, template, templates)
    duration = desired.duration
    if duration is None:
        duration = template.default_duration if template else _duration_of(current)
    if current is None or (current.template, current.duration) != (name, duration):
        faults += _duration_faults(duration, template)
    email = desired.student_email or ""
    if email:
        faults += email_faults("spec.studentEmail", email)
    faults += environment_faults("spec.environment", desired.environment)
    if faults:
        raise InvalidLabInstance(desired.key.name, faults)
    return LabInstanceSpec(
        template=name,
        duration=duration,
        student_email=email,
        environment=desired.environment,
    )


def _metadata_faults(desired: DesiredLabInstance) -> Sequence[FieldFault]:
    faults: list[FieldFault] = []
    if desired.key.name:
        faults += name_faults("metadata.name", desired.key.name)
    else:
        message = "name or generateName is required"
        faults.append(_fault("metadata.name", FaultReason.REQUIRED, message))
    faults += namespace_faults("metadata.namespace", desired.key.namespace)
    faults += label_faults("metadata.labels", desired.labels)
    faults += annotation_faults("metadata.annotations", desired.annotations)
    faults += finalizer_faults("metadata.finalizers", desired.finalizers)
    return faults


def _template_faults(
    name: str, template: Template | None, templates: TemplateCatalog
) -> Sequence[FieldFault]:
    if template is None:
        usable = ", ".join(f'"{each.name}"' for each in templates.all() if not each.unavailable)
        message = (
            f'"{shown(name)}": supported values: {usable or "none, no template is available"}'
        )
        return [_fault("spec.template", FaultReason.NOT_SUPPORTED, message)]
    if template.unavailable:
        message = f'"{name}": this template is not available here: {template.unavailable}'
        return [_fault("spec.template", FaultReason.INVALID, message)]
    return []


def _duration_of(current: LabInstanceSpec | None) -> str:
    # An unknown template has no default; where nothing is known, its own fault is enough.
    return current.duration if current else "60m"


def _duration_faults(duration: str, template: Template | None) -> Sequence[FieldFault]:
    try:
        length = parse_duration(duration)
    except InvalidDuration as error:
        return [_wrong_duration(duration, str(error))]
    if template is not None and length > template.maximum_duration:
        longest = format_duration(template.maximum_duration)
        allowed = f'the template "{template.name}" allows at most {longest}'
        return [_wrong_duration(duration, allowed)]
    return []


def _wrong_duration(duration: str, problem: str) -> FieldFault:
    message = f'"{shown(duration, longest=32)}": {problem}'
    return _fault("spec.duration", FaultReason.INVALID, message)


def _fault(field: str, reason: FaultReason, message: str) -> FieldFault:
    return FieldFault(field=field, reason=reason, message=message)
