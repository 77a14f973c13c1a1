"""How objects are told: as objects of their kind, and as the rows that kubectl prints."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import Kind
from api.kubernetes.tables import Column
from api.kubernetes.timestamp import timestamp
from api.objects.object_kind import ObjectKind, content_of
from api.objects.owners import told_manager
from application.ports.views import ApiObjectView


class ObjectPresenter:
    """Tells objects of one kind."""

    def __init__(self, what: ObjectKind) -> None:
        self._what = what

    @property
    def kind(self) -> Kind:
        """What they are."""
        return self._what.kind

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of their tables."""
        return self._what.columns

    def document(self, item: ApiObjectView) -> Mapping[str, Any]:
        """The whole object."""
        told = self._what.told(item.api_object, content_of(item.api_object))
        kind = self._what.kind
        head = {"kind": kind.kind, "apiVersion": kind.api_version}
        return {**head, "metadata": self.metadata(item), **told}

    def metadata(self, item: ApiObjectView) -> Mapping[str, Any]:
        """Kubernetes' ObjectMeta."""
        api_object = item.api_object
        going = api_object.removal_requested_at
        told = {
            "name": api_object.key.name,
            "namespace": api_object.key.namespace,
            "uid": api_object.uid,
            "resourceVersion": str(item.resource_version) if item.resource_version else None,
            "creationTimestamp": timestamp(api_object.declared_at),
            "deletionTimestamp": timestamp(going) if going else None,
            "labels": api_object.labels,
            "annotations": api_object.annotations,
            "finalizers": api_object.finalizers,
            "managedFields": [told_manager(each, self.kind) for each in api_object.managers],
        }
        return {name: value for name, value in told.items() if value}

    def version(self, item: ApiObjectView) -> str:
        """The position of the event that changed it last."""
        return str(item.resource_version)

    def cells(self, item: ApiObjectView, now: datetime) -> Sequence[Any]:
        """Its row."""
        return self._what.cells(item.api_object, content_of(item.api_object), now)
