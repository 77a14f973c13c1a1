"""Reads a Scale as a client wrote it, and judges the only thing in it that can be asked for."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from api.http.refusals import BadRequest
from api.kubernetes.field_reader import FieldReader
from api.kubernetes.given_metadata import GivenMetadata, check_kind, read_metadata
from api.kubernetes.lab_kind import SCALE_API_VERSION, SCALE_KIND
from api.labs.scale.shapes import REPLICAS
from domain.errors import FaultReason, FieldFault

_TOP = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_SPEC, _STATUS = frozenset({"replicas"}), frozenset({"replicas", "selector"})
_FIELD = "spec.replicas"
_LARGEST = 2**31 - 1


class GivenScale(msgspec.Struct, frozen=True, kw_only=True):
    """A Scale as a client wrote it. `faults` are the reasons why it cannot be so, `unknown` the
    fields that nobody knows. A status is the service's, whatever stands there."""

    kind: ClassVar[str] = SCALE_KIND
    metadata: GivenMetadata
    faults: tuple[FieldFault, ...]
    unknown: tuple[str, ...]


def read_scale(document: Any) -> GivenScale:
    """Reads a Scale from JSON values. Raises BadRequest when they are none."""
    if not isinstance(document, dict):
        raise BadRequest("the object provided is not a Scale: it must be a JSON object")
    check_kind(document, api_version=SCALE_API_VERSION, kind=SCALE_KIND)
    about, reader = FieldReader(), FieldReader()
    metadata = read_metadata(about, document)
    reader.note_unknown(document, _TOP, "")
    spec = reader.mapping(document, "spec", "")
    reader.note_unknown(spec, _SPEC, "spec.")
    status = reader.mapping(document, "status", "")
    reader.note_unknown(status, _STATUS, "status.")
    replicas = reader.whole_number(spec, "replicas", "spec.")
    judged = reader.faults or _faults(replicas)
    return GivenScale(
        metadata=metadata,
        faults=(*about.faults, *judged),
        unknown=(*about.unknown, *reader.unknown),
    )


def _faults(replicas: int | None) -> Sequence[FieldFault]:
    if replicas == REPLICAS:
        return ()
    message = (
        f"must be {REPLICAS}: a lab is one environment for one student; to end it, delete the "
        "lab, and for another student, create another lab"
    )
    if replicas is None:
        return (FieldFault(field=_FIELD, reason=FaultReason.REQUIRED, message=message),)
    shown = str(replicas) if abs(replicas) <= _LARGEST else "a number of more than 32 bits"
    return (FieldFault(field=_FIELD, reason=FaultReason.INVALID, message=f"{shown}: {message}"),)
