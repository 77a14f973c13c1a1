"""The fields of labs that somebody can own, and owners as clients write them down."""

from typing import Any

import msgspec
from starlette.requests import Request

from api.kubernetes.ownership import Managers, after_update
from api.kubernetes.writer import writer_of
from api.labs.rendering import reported_by, spec_of
from application.commands.admission import DesiredLabInstance
from application.ports.clock import Clock
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.spec import LabInstanceSpec


def wished_fields(lab: LabInstance | DesiredLabInstance, spec: LabInstanceSpec) -> Any:
    """What people wish of a lab: its spec and the metadata that is theirs to write."""
    metadata: dict[str, Any] = {}
    if lab.labels:
        metadata["labels"] = lab.labels
    if lab.annotations:
        metadata["annotations"] = lab.annotations
    if lab.finalizers:
        metadata["finalizers"] = list(lab.finalizers)
    wished = {"spec": msgspec.to_builtins(spec_of(spec))}
    return {"metadata": metadata, **wished} if metadata else wished


def reported_fields(lab: LabInstance) -> Any:
    """What clients keep in the status."""
    reported = reported_by(lab)
    return {"status": reported} if reported else {}


def first_owners(
    request: Request, desired: DesiredLabInstance, spec: LabInstanceSpec, clock: Clock
) -> Managers:
    """The owners of a lab that is being made: its maker, if he names himself."""
    # For speed, decision 71: a plain POST names no manager.
    if not request.scope["query_string"]:
        return ()
    writer = writer_of(request, subresource="", at=clock.now())
    return after_update((), {}, wished_fields(desired, spec), writer)
