"""Which Events are asked for: Kubernetes' selectors, in the words of either group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from api.events.item import EventChange, EventItem
from api.kubernetes.field_selector import Requirement, parse_requirements
from api.kubernetes.lab_kind import KIND
from api.kubernetes.label_selector import parse_label_selector
from application.ports.selectors import LabelRequirement
from domain.lab_instance.key import LabKey

_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_PATHS: Mapping[str, tuple[str, ...]] = {
    "metadata.name": ("metadata", "name"),
    "metadata.namespace": ("metadata", "namespace"),
    "reason": ("reason",),
    "type": ("type",),
    "source": ("source", "component"),
    "reportingComponent": ("reportingComponent",),
    "reportingController": ("reportingComponent",),
    **{f"involvedObject.{name}": ("involvedObject", name) for name in _REFERENCE},
    **{f"regarding.{name}": ("involvedObject", name) for name in _REFERENCE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """All requirements must hold. `namespace`: None asks for all namespaces."""

    namespace: str | None
    fields: tuple[Requirement, ...]
    labels: tuple[LabelRequirement, ...]

    def matches(self, item: EventItem) -> bool:
        """Whether the Event is one of those asked for."""
        metadata = item.document["metadata"]
        if self.namespace not in (None, metadata["namespace"]):
            return False
        labels = metadata.get("labels") or {}
        return all(each.holds(labels) for each in self.labels) and all(
            (_value(item.document, each.name) == each.value) is not each.negated
            for each in self.fields
        )

    def seen_in(self, change: EventChange) -> tuple[str, EventItem] | None:
        """The type of the line that a change is for a watcher, and its Event; None when the
        watcher has nothing to do with it."""
        before, now = change.before, change.after
        was_in = before is not None and self.matches(before)
        if now is not None and self.matches(now):
            return ("MODIFIED" if was_in else "ADDED"), now
        return ("DELETED", before.as_of(change.position)) if before and was_in else None

    @property
    def lab(self) -> LabKey | None:
        """The only lab that can be meant, when there is but one."""
        name, kind = self._asked("involvedObject", "name"), self._asked("involvedObject", "kind")
        namespace = self.namespace or self._asked("involvedObject", "namespace")
        if name is None or not namespace or kind not in (None, KIND):
            return None
        return LabKey(namespace, name)

    def _asked(self, *path: str) -> str | None:
        for each in self.fields:
            if _PATHS[each.name] == path and not each.negated:
                return each.value
        return None


def wanted_events(query: QueryParams, namespace: str | None) -> EventFilter:
    """The Events that the selectors choose, in one namespace or in all. Raises BadRequest."""
    return EventFilter(
        namespace=namespace,
        fields=parse_requirements(query.get("fieldSelector") or "", _PATHS),
        labels=parse_label_selector(query.get("labelSelector") or ""),
    )


def _value(document: Mapping[str, Any], name: str) -> str:
    found: Any = document
    for part in _PATHS[name]:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""
