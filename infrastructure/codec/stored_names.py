"""The names under which events are stored: literals, so that renaming a class renames nothing."""

from application.ports.event_store import Fact
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEdited,
    ApiObjectRemoved,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.end_facts import (
    Deleted,
    DeletionHindered,
    DeletionRequested,
    DeletionResumed,
    Expired,
    OrphanTerminated,
)
from domain.lab_instance.events import (
    AccessGranted,
    BecameReady,
    DriftDetected,
    Extended,
    Failed,
    LabInstanceCreated,
    MetadataChanged,
    OwnershipRecorded,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    Remarked,
    RestartRequested,
    Retried,
    SpecChanged,
    StatusReported,
)

STORED_NAMES: dict[type[Fact], str] = {
    LabInstanceCreated: "lab-instance.created.v1",
    SpecChanged: "lab-instance.spec-changed.v1",
    MetadataChanged: "lab-instance.metadata-changed.v1",
    MetadataEdited: "lab-instance.metadata-edited.v1",
    Extended: "lab-instance.extended.v1",
    RestartRequested: "lab-instance.restart-requested.v1",
    Retried: "lab-instance.retried.v1",
    AccessGranted: "lab-instance.access-granted.v1",
    ProvisioningStarted: "lab-instance.provisioning-started.v1",
    BecameReady: "lab-instance.became-ready.v2",
    ProvisioningFailed: "lab-instance.provisioning-failed.v1",
    ProvisioningPostponed: "lab-instance.provisioning-postponed.v1",
    ProvisioningResumed: "lab-instance.provisioning-resumed.v1",
    DriftDetected: "lab-instance.drift-detected.v1",
    Failed: "lab-instance.failed.v1",
    Expired: "lab-instance.expired.v1",
    DeletionRequested: "lab-instance.deletion-requested.v1",
    DeletionResumed: "lab-instance.deletion-resumed.v1",
    DeletionHindered: "lab-instance.deletion-hindered.v1",
    Deleted: "lab-instance.deleted.v1",
    OrphanTerminated: "lab-instance.orphan-terminated.v1",
    OwnershipRecorded: "lab-instance.ownership-recorded.v1",
    OwnershipEdited: "lab-instance.ownership-edited.v1",
    StatusReported: "lab-instance.status-reported.v1",
    StatusEdited: "lab-instance.status-edited.v1",
    Remarked: "lab-instance.remarked.v1",
    ApiObjectDeclared: "lab-document.declared.v1",
    ApiObjectReplaced: "lab-document.replaced.v1",
    ApiObjectEdited: "lab-document.edited.v1",
    RemovalRequested: "lab-document.removal-requested.v1",
    ApiObjectRemoved: "lab-document.removed.v1",
}
"""The current name of every event; what is written today is written under it."""
