"""The presenter of labs: their documents, and the rows that kubectl prints."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import LAB_INSTANCES
from api.kubernetes.tables import Column, age, short_duration
from api.labs.rendering import document_of
from application.ports.views import LabInstanceView
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import ConditionType
from domain.lab_instance.waiting import shown_waiting


class LabPresenter:
    """Presents labs as documents and rows. `waiting` says what a lab waits for now, which no
    event tells; empty where it waits for nothing."""

    kind = LAB_INSTANCES
    columns = (
        Column("Name", "The lab's name, unique in its namespace."),
        Column("State", "pending, provisioning, ready, deleting or failed.", path=".status.state"),
        Column("Template", "What kind of lab it is.", path=".spec.template"),
        Column("Student", "For whom it is.", path=".spec.studentEmail"),
        Column(
            "Ready",
            "Whether it can be used now.",
            path='.status.conditions[?(@.type=="Ready")].status',
        ),
        Column("Endpoint", "Where it is reached.", path=".status.endpoint"),
        Column("Expires", "In how long its time is up.", path=".status.expiresAt"),
        Column("Age", "How long ago it was asked for.", path=".metadata.creationTimestamp"),
        Column(
            "Duration",
            "How long it lives from its first being ready.",
            wide=True,
            path=".spec.duration",
        ),
        Column(
            "Retries",
            "How often it had to be tried again.",
            type="integer",
            wide=True,
            path=".status.retries",
        ),
        Column("Reason", "Why it is in its state, in a word.", wide=True, path=".status.reason"),
        Column("Message", "Why it is in its state.", wide=True, path=".status.message"),
    )

    def __init__(self, waiting: Callable[[LabInstance], str]) -> None:
        self._waiting = waiting

    def document(self, item: LabInstanceView) -> Any:
        """The lab."""
        return document_of(self._shown(item))

    def metadata(self, item: LabInstanceView) -> Any:
        """Its metadata."""
        return document_of(item).metadata

    def version(self, item: LabInstanceView) -> str:
        """The position of the event that changed it last."""
        return str(item.resource_version)

    def cells(self, item: LabInstanceView, now: datetime) -> Sequence[Any]:
        """Its row."""
        lab = self._shown(item).lab
        ready = next(each for each in lab.conditions if each.type is ConditionType.READY)
        expires = lab.expires_at
        return [
            lab.key.name,
            lab.state.value,
            lab.spec.template,
            lab.spec.student_email or None,
            "True" if ready.holds else "False",
            lab.endpoint,
            short_duration(expires - now) if expires else None,
            age(lab.created_at, now),
            lab.spec.duration,
            lab.retries,
            lab.reason or None,
            lab.message or None,
        ]

    def _shown(self, item: LabInstanceView) -> LabInstanceView:
        message = self._waiting(item.lab)
        return replace(item, lab=shown_waiting(item.lab, message)) if message else item
