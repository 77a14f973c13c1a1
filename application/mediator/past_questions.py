"""What can be asked about two moments of the past at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.mediator.mediator import Query
from application.mediator.questions import AtPosition, AtTime
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LabDifference:
    """One incarnation at two moments: `before` is None for one that came, `after` for one that
    went. A name that was used again in between is two."""

    key: LabKey
    before: LabInstanceView | None
    after: LabInstanceView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencePage:
    """By namespace and name; `more` says whether others follow. The moments as positions."""

    differences: Sequence[LabDifference]
    more: bool
    earlier: int
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDifferences(Query[DifferencePage]):
    """Labs that were not the same at one moment and at another, and that match at one of them,
    after the key given: at most `limit` names. Raises as GetLabInstance does of the past."""

    earlier: AtPosition | AtTime
    later: AtPosition | AtTime
    wanted: ViewFilter
    after: LabKey | None
    limit: int
