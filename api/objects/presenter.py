"""How documents are told: as objects of their kind, and as the rows that kubectl prints."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import Kind
from api.kubernetes.tables import Column
from api.kubernetes.timestamp import timestamp
from api.objects.object_kind import ObjectKind, content_of
from api.objects.owners import told_manager
from application.ports.object_views import DocumentView


class ObjectTelling:
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

    def document(self, item: DocumentView) -> Mapping[str, Any]:
        """The whole object."""
        told = self._what.told(item.document, content_of(item.document))
        kind = self._what.kind
        head = {"kind": kind.kind, "apiVersion": kind.api_version}
        return {**head, "metadata": self.metadata(item), **told}

    def metadata(self, item: DocumentView) -> Mapping[str, Any]:
        """Kubernetes' ObjectMeta."""
        document = item.document
        going = document.removal_requested_at
        told = {
            "name": document.key.name,
            "namespace": document.key.namespace,
            "uid": document.uid,
            "resourceVersion": str(item.resource_version) if item.resource_version else None,
            "creationTimestamp": timestamp(document.declared_at),
            "deletionTimestamp": timestamp(going) if going else None,
            "labels": document.labels,
            "annotations": document.annotations,
            "finalizers": document.finalizers,
            "managedFields": [told_manager(each, self.kind) for each in document.managers],
        }
        return {name: value for name, value in told.items() if value}

    def version(self, item: DocumentView) -> str:
        """The position of the event that changed it last."""
        return str(item.resource_version)

    def cells(self, item: DocumentView, now: datetime) -> Sequence[Any]:
        """Its row."""
        return self._what.cells(item.document, content_of(item.document), now)
