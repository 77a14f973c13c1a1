"""How the scale of a lab is told: its document, and the row that kubectl prints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import Kind
from api.kubernetes.lab_kind import SCALE_GROUP, SCALE_KIND, SCALE_VERSION
from api.kubernetes.tables import Column, age
from api.kubernetes.timestamp import timestamp
from api.labs.scale.shapes import REPLICAS, ScaleDocument, ScaleMetadata, ScaleSpec, ScaleStatus
from application.ports.views import LabInstanceView
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import ConditionType

SCALES = Kind(
    group=SCALE_GROUP,
    version=SCALE_VERSION,
    kind=SCALE_KIND,
    namespaced=True,
    verbs=("get", "patch", "update"),
)


class ScalePresenter:
    """Tells the scales of labs as documents and rows."""

    kind = SCALES
    columns = (
        Column("Name", "The lab's name, unique in its namespace."),
        Column("Desired", "How many there shall be: one.", type="integer"),
        Column("Available", "How many can be used now.", type="integer"),
        Column("Age", "How long ago the lab was asked for."),
    )

    def document(self, item: LabInstanceView) -> ScaleDocument:
        """The scale."""
        return ScaleDocument(
            metadata=self.metadata(item),
            spec=ScaleSpec(replicas=REPLICAS),
            status=ScaleStatus(replicas=_ready(item.lab)),
        )

    def metadata(self, item: LabInstanceView) -> ScaleMetadata:
        """Its metadata: what identifies the lab."""
        lab = item.lab
        return ScaleMetadata(
            name=lab.key.name,
            namespace=lab.key.namespace,
            uid=lab.uid,
            resource_version=self.version(item),
            creation_timestamp=timestamp(lab.created_at),
        )

    def version(self, item: LabInstanceView) -> str:
        """The lab's."""
        return str(item.resource_version)

    def cells(self, item: LabInstanceView, now: datetime) -> Sequence[Any]:
        """Its row."""
        lab = item.lab
        return [lab.key.name, REPLICAS, _ready(lab), age(lab.created_at, now)]


def _ready(lab: LabInstance) -> int:
    """What those who wait for the condition `Ready` are told, as a number."""
    ready = next(each for each in lab.conditions if each.type is ConditionType.READY)
    return REPLICAS if ready.holds else 0
