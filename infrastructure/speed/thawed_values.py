"""Values that the service makes by the dozen for each request, made as fast as any object.

A frozen dataclass sets each field through `object.__setattr__`, and with some 130 fields a
request that was a seventh of the service's time. Nobody changes these values: the type checker
says so of every line, and tests, which run with the classes as they are written, say it again.
"""

from collections.abc import Iterable
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import Any

from application.commands.admission import DesiredLabInstance
from application.event_log.loading import Loaded
from application.mediator.mediator import CommandOutcome, RequestContext
from application.mediator.notifications import LabInstanceChanged
from application.ports.audit_records import Act, Attribution, Life, Trace, Transition
from application.ports.event_store import NewEvent, RecordedEvent, Tip
from application.ports.views import LabInstanceView, ViewChange
from domain.lab_instance.commands import CreateLabInstance
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.spec import LabInstanceSpec
from domain.lab_instance.status import Condition

# For speed, decision 27.
OFTEN_MADE: tuple[type, ...] = (
    Act,
    Attribution,
    CommandOutcome,
    Condition,
    CreateLabInstance,
    DesiredLabInstance,
    LabInstance,
    LabInstanceChanged,
    LabInstanceCreated,
    LabInstanceSpec,
    LabInstanceView,
    LabKey,
    Life,
    Loaded,
    NewEvent,
    RecordedEvent,
    RequestContext,
    Tip,
    Trace,
    Transition,
    ViewChange,
)


def thaw(types: Iterable[type]) -> None:
    """Let frozen dataclasses be made by plain assignments; they have no `__post_init__`.

    They compare, hash, print and copy as before; what goes is the guard against changing them.
    Thawing again changes nothing.
    """
    for type_ in types:
        unfrozen = make_dataclass(
            type_.__name__,
            [(each.name, each.type, _without_type(each)) for each in fields(type_)],
        )
        type_.__init__ = unfrozen.__init__  # type: ignore[misc]  # the same fields, set plainly
        for guard in ("__setattr__", "__delattr__"):
            if guard in vars(type_):
                delattr(type_, guard)


def _without_type(of: Field[Any]) -> Any:
    if of.default_factory is not MISSING:
        return field(default_factory=of.default_factory, kw_only=of.kw_only)
    return field(default=of.default, kw_only=of.kw_only)
