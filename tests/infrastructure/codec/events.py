"""Any event that can happen, for Hypothesis; and one fixed event of every type."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st

from application.ports.event_store import Fact
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.edits import (
    ManagerEdit,
    ManagersEdit,
    TextEdit,
    TextsEdit,
    edit_of_managers,
)
from domain.lab_instance.events import LabInstanceEvent
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_MAPPING = st.dictionaries(_TEXT, _TEXT, max_size=3)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=80_000)).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since
)
_KEYS = st.builds(LabKey, namespace=_TEXT, name=_TEXT)
_DOCUMENT_KEYS = st.builds(
    ApiObjectKey, kind=st.sampled_from(ApiObjectKind), namespace=_TEXT, name=_TEXT
)
_SPECS = st.builds(
    LabInstanceSpec, template=_TEXT, duration=_TEXT, student_email=_TEXT, environment=_MAPPING
)
_MANAGERS = st.builds(
    FieldManager, manager=_TEXT, operation=_TEXT, subresource=_TEXT, fields=_TEXT, at=INSTANTS
)
_BY_HINT: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(0, 2**53),
    datetime: INSTANTS,
    timedelta: st.timedeltas(timedelta(0), timedelta(days=5000)),
    LabKey: _KEYS,
    ApiObjectKey: _DOCUMENT_KEYS,
    LabInstanceSpec: _SPECS,
    bool: st.booleans(),
    tuple[FieldManager, ...]: st.lists(_MANAGERS, max_size=3).map(tuple),
    tuple[str, ...]: st.lists(_TEXT, max_size=3).map(tuple),
    TextsEdit: st.builds(TextsEdit, said=_MAPPING, unsaid=st.lists(_TEXT, max_size=3).map(tuple)),
    ManagersEdit: st.builds(
        edit_of_managers,
        st.lists(_MANAGERS, max_size=3).map(tuple),
        st.lists(_MANAGERS, max_size=3).map(tuple),
    ),
}


def _any(event_type: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = get_type_hints(event_type)
    fields = {name: _BY_HINT.get(hint, _MAPPING) for name, hint in hints.items()}
    return st.builds(event_type, **fields)


EVENT_TYPES: tuple[type[Fact], ...] = get_args(Fact)
EVENTS: st.SearchStrategy[Fact] = st.one_of([_any(type_) for type_ in EVENT_TYPES])
LAB_EVENTS = EVENTS.filter(lambda event: isinstance(event, LabInstanceEvent))

_AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
_FIXED: dict[Any, Any] = {
    int: 2,
    datetime: _AT,
    timedelta: timedelta(hours=1, minutes=30),
    LabKey: LabKey("class-a", "lab-1"),
    ApiObjectKey: ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="class-a", name="leader"),
    LabInstanceSpec: LabInstanceSpec(
        template="python-basics",
        duration="60m",
        student_email="ada@example.org",
        environment={"COURSE": "py1"},
    ),
    bool: True,
    tuple[str, ...]: ("first", "second"),
    tuple[FieldManager, ...]: (
        FieldManager(
            manager="kubectl", operation="Apply", subresource="", fields='{"f:spec":{}}', at=_AT
        ),
    ),
    TextsEdit: TextsEdit(said={"key": "value"}, unsaid=("first", "second")),
    ManagersEdit: ManagersEdit(
        edited=(
            ManagerEdit(
                manager="kubectl",
                operation="Apply",
                subresource="",
                fields=TextEdit(start=1, between='"f:spec":{}', end=1),
                at=_AT,
            ),
        ),
        gone=(("kopf", "Update", "status"),),
    ),
}


def fixed(event_type: type[Fact]) -> Fact:
    """The event of that type that the stored samples tell."""
    values: dict[str, Any] = {
        name: f"the {name}" if hint is str else _FIXED.get(hint, {"key": "value"})
        for name, hint in get_type_hints(event_type).items()
    }
    event: Fact = event_type(**values)
    return event
