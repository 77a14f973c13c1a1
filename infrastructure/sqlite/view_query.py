"""Selectors as SQL: which index leads, and what is checked on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.ports.selectors import (
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey

_COLUMN = {
    LabField.NAMESPACE: "v.namespace",
    LabField.NAME: "v.name",
    LabField.STATE: "v.state",
    LabField.TEMPLATE: "v.template",
    LabField.STUDENT: "v.student",
}
_VIEWS = "views AS v"
_LABELLED = "labels AS d CROSS JOIN views AS v ON v.namespace = d.namespace AND v.name = d.name"
_LABEL_OF_VIEW = "SELECT 1 FROM labels AS l WHERE l.namespace = v.namespace AND l.name = v.name"


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of SQL and the values of its marks."""

    sql: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewQuery:
    """The views wanted: where they come from, on which terms, and how they are ordered."""

    source: str
    terms: tuple[Term, ...]
    order: str

    @property
    def where(self) -> str:
        """The terms in one condition."""
        return " AND ".join(term.sql for term in self.terms)

    @property
    def values(self) -> tuple[object, ...]:
        """The values of the marks in `where`."""
        return tuple(value for term in self.terms for value in term.values)


def query_for(wanted: ViewFilter, *, after: LabKey | None) -> ViewQuery:
    """The views that match and come after the key given, by namespace and name.

    One index leads and also gives the order: that of a student, of a label with one value, or
    whichever SQLite chooses for the fields. The other requirements are looked up view by view.
    """
    leading = None if _asks_for_student(wanted) else _leading_label(wanted)
    alias = "d" if leading else "v"
    terms = [_field_term(part) for part in wanted.fields]
    terms += [_label_term(part) for part in wanted.labels if part is not leading]
    if leading:
        terms.append(Term("d.key = ? AND d.value = ?", (leading.key, leading.values[0])))
    terms.extend(_paging(wanted, after, alias))
    return ViewQuery(
        source=_LABELLED if leading else _VIEWS,
        terms=tuple(terms),
        order=f"{alias}.namespace, {alias}.name",
    )


def _asks_for_student(wanted: ViewFilter) -> bool:
    return any(part.field is LabField.STUDENT and not part.negated for part in wanted.fields)


def _leading_label(wanted: ViewFilter) -> LabelRequirement | None:
    for part in wanted.labels:
        if part.operator is Operator.IN and len(part.values) == 1:
            return part
    return None


def _paging(wanted: ViewFilter, after: LabKey | None, alias: str) -> Iterator[Term]:
    """Within one namespace the name alone pages, so that both bound the index."""
    start = after or LabKey("", "")
    one = next((part for part in wanted.fields if _is_namespace(part)), None)
    if one is None:
        yield Term(f"({alias}.namespace, {alias}.name) > (?, ?)", (start.namespace, start.name))
        return
    yield Term(f"{alias}.namespace = ?", (one.value,))
    if start.namespace < one.value:
        yield Term(f"{alias}.name > ?", ("",))
    elif start.namespace == one.value:
        yield Term(f"{alias}.name > ?", (start.name,))
    else:
        yield Term("0", ())


def _is_namespace(part: FieldRequirement) -> bool:
    return part.field is LabField.NAMESPACE and not part.negated


def _field_term(part: FieldRequirement) -> Term:
    return Term(f"{_COLUMN[part.field]} {'<>' if part.negated else '='} ?", (part.value,))


def _label_term(part: LabelRequirement) -> Term:
    marks = ", ".join("?" * len(part.values))
    of_key, with_value = f"{_LABEL_OF_VIEW} AND l.key = ?", f" AND l.value IN ({marks})"
    match part.operator:
        case Operator.IN:
            return Term(f"EXISTS ({of_key}{with_value})", (part.key, *part.values))
        case Operator.NOT_IN:
            return Term(f"NOT EXISTS ({of_key}{with_value})", (part.key, *part.values))
        case Operator.EXISTS:
            return Term(f"EXISTS ({of_key})", (part.key,))
        case Operator.ABSENT:
            return Term(f"NOT EXISTS ({of_key})", (part.key,))
