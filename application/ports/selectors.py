"""Which labs a list or a watch is about: Kubernetes' label and field selectors, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from domain.lab_instance.lab_instance import LabInstance


class Operator(Enum):
    """How a label requirement compares."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    ABSENT = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequirement:
    """One comma-separated part of a label selector. `=` is IN with one value, `!=` NOT_IN.

    As in Kubernetes, NOT_IN also holds for labs that lack the label.
    """

    key: str
    operator: Operator
    values: tuple[str, ...]

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels so named meet the requirement."""
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.ABSENT:
                return self.key not in labels


class LabField(Enum):
    """The fields that can be selected by; the values are their names in a field selector."""

    NAMESPACE = "metadata.namespace"
    NAME = "metadata.name"
    STATE = "status.state"
    TEMPLATE = "spec.template"
    STUDENT = "spec.studentEmail"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRequirement:
    """One comma-separated part of a field selector: `=` (or `==`), or `!=` when negated."""

    field: LabField
    value: str
    negated: bool

    def holds(self, lab: LabInstance) -> bool:
        """Whether the lab meets the requirement."""
        return (_value(lab, self.field) == self.value) is not self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFilter:
    """All requirements must hold; an empty filter matches every lab."""

    labels: tuple[LabelRequirement, ...] = ()
    fields: tuple[FieldRequirement, ...] = ()

    def matches(self, lab: LabInstance) -> bool:
        """Whether the lab is one of those asked for."""
        return all(part.holds(lab.labels) for part in self.labels) and all(
            part.holds(lab) for part in self.fields
        )


EVERYTHING = ViewFilter()


def _value(lab: LabInstance, field: LabField) -> str:
    match field:
        case LabField.NAMESPACE:
            return lab.key.namespace
        case LabField.NAME:
            return lab.key.name
        case LabField.STATE:
            return lab.state.value
        case LabField.TEMPLATE:
            return lab.spec.template
        case LabField.STUDENT:
            return lab.spec.student_email
