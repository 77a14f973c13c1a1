"""What can be asked about API objects."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.mediator.mediator import Query
from application.mediator.questions import (
    Moment,
)
from application.ports.views import ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GetApiObject(Query[ApiObjectView]):
    """One object. Raises ApiObjectNotFound when there was none at that moment."""

    key: ApiObjectKey
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectList:
    """All objects asked for, by namespace and name. Everything up to `position` is told."""

    views: Sequence[ApiObjectView]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListApiObjects(Query[ApiObjectList]):
    """All objects of a kind; of one namespace, if one is said."""

    kind: ApiObjectKind
    namespace: str | None
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAdmission(Query[None]):
    """Whether something of this name may come into the namespace: a lab, or an object of the
    key given. Raises ApiObjectNotFound, NamespaceTerminating when it may not."""

    namespace: str
    name: str
    key: ApiObjectKey | None
