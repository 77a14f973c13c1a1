"""Which objects a list or a watch is about: label and field selectors over objects."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from api.kubernetes.field_selector import Requirement, parse_requirements
from api.kubernetes.label_selector import parse_label_selector
from api.objects.object_kind import ObjectKind, content_of
from application.ports.selectors import LabelRequirement
from application.ports.views import ApiObjectView


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All requirements must hold."""

    what: ObjectKind
    namespace: str | None
    labels: tuple[LabelRequirement, ...]
    fields: tuple[Requirement, ...]

    def matches(self, view: ApiObjectView) -> bool:
        """Whether the object is one of those asked for."""
        api_object = view.api_object
        if api_object.key.kind is not self.what.stored_as:
            return False
        if self.namespace not in (None, api_object.key.namespace):
            return False
        if not all(part.holds(api_object.labels) for part in self.labels):
            return False
        return all(
            (_value(self.what, view, each.name) == each.value) is not each.negated
            for each in self.fields
        )


def selection_of(what: ObjectKind, query: QueryParams, namespace: str | None) -> Selection:
    """What the selectors choose, in one namespace or in all. Raises BadRequest."""
    fields = parse_requirements(query.get("fieldSelector") or "", _PLACE | what.selectable)
    labels = parse_label_selector(query.get("labelSelector") or "")
    return Selection(what=what, namespace=namespace, labels=labels, fields=fields)


_PLACE = frozenset({"metadata.name", "metadata.namespace"})


def _value(what: ObjectKind, view: ApiObjectView, name: str) -> str:
    key = view.api_object.key
    if name == "metadata.name":
        return key.name
    if name == "metadata.namespace":
        return key.namespace
    return what.fields(view.api_object, content_of(view.api_object))[name]
