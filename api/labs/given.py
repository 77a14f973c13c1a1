"""Reads a LabInstance as a client wrote it: what is said, what is of a wrong type, and what
nobody knows. Judges nothing but types; that is admission's business."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from api.http.refusals import BadRequest
from api.http.request_body import from_json
from api.kubernetes.field_reader import FieldReader
from api.kubernetes.given_metadata import (
    METADATA_FIELDS,
    GivenMetadata,
    check_kind,
    read_metadata,
)
from api.kubernetes.lab_kind import API_VERSION, KIND
from application.commands.admission import DesiredLabInstance
from domain.errors import FieldFault
from domain.lab_instance.key import LabKey

_TOP = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})


class GivenSpec(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """The lab wanted, and the schema of it; None where nothing was said."""

    template: Annotated[
        str | None, Meta(description="What kind of lab it is; python-basics when not given.")
    ] = None
    duration: Annotated[
        str | None,
        Meta(
            description="How long the lab lives once it is ready, like 90s, 60m or 1h30m; "
            "the template's default when not given, and at most the template's maximum."
        ),
    ] = None
    student_email: Annotated[
        str | None, Meta(description="The e-mail address of the student the lab is for.")
    ] = None
    environment: Annotated[
        Mapping[str, str],
        Meta(
            description="Environment variables of the lab. Names are C identifiers; those that "
            "begin with LAB_ are the service's own."
        ),
    ] = {}


_SPEC = frozenset(GivenSpec.__struct_encode_fields__)

KNOWN_FIELDS = _TOP | METADATA_FIELDS | _SPEC
"""The names of all fields that mean something somewhere in a LabInstance."""


class _Plain(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """A LabInstance as almost all are written: without faults, nulls or a status."""

    api_version: Literal["lab.neuroglia.com/v1"] = API_VERSION
    kind: Literal["LabInstance"] = KIND
    metadata: GivenMetadata = GivenMetadata()
    spec: GivenSpec = GivenSpec()


_decode_plain = msgspec.json.Decoder(_Plain).decode


class GivenResource(msgspec.Struct, frozen=True, kw_only=True):
    """A LabInstance as a client wrote it. `unknown` names the fields that nobody knows, and
    `faults` those of a wrong type, which count as not said."""

    kind: ClassVar[str] = KIND
    metadata: GivenMetadata
    spec: GivenSpec
    faults: tuple[FieldFault, ...]
    unknown: tuple[str, ...]

    def named(self, key: LabKey) -> DesiredLabInstance:
        """The desired lab under the name that it shall really have."""
        metadata, spec = self.metadata, self.spec
        return DesiredLabInstance(
            key=key,
            labels=metadata.labels,
            annotations=metadata.annotations,
            finalizers=metadata.finalizers,
            template=spec.template,
            duration=spec.duration,
            student_email=spec.student_email,
            environment=spec.environment,
            faults=self.faults,
        )


def decode_resource(body: bytes) -> GivenResource:
    """The LabInstance that this JSON tells. Raises BadRequest when it tells none at all.

    What can be read in one step is; what cannot is read again, field by field, by
    `read_resource`, which finds out everything that is unusual about it.
    """
    try:
        plain = _decode_plain(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return read_resource(from_json(body))
    return GivenResource(metadata=plain.metadata, spec=plain.spec, faults=(), unknown=())


def read_resource(document: Any) -> GivenResource:
    """The LabInstance that these JSON values tell. Raises BadRequest when they tell none."""
    if not isinstance(document, dict):
        raise BadRequest("the object provided is not a LabInstance: it must be a JSON object")
    check_kind(document, api_version=API_VERSION, kind=KIND)
    reader = FieldReader()
    reader.note_unknown(document, _TOP, "")
    metadata = read_metadata(reader, document)
    spec = reader.mapping(document, "spec", "")
    reader.note_unknown(spec, _SPEC, "spec.")
    return GivenResource(
        metadata=metadata,
        spec=_spec(reader, spec),
        faults=tuple(reader.faults),
        unknown=tuple(reader.unknown),
    )


def _spec(reader: FieldReader, given: Mapping[str, Any]) -> GivenSpec:
    place = "spec."
    return GivenSpec(
        template=reader.text(given, "template", place),
        duration=reader.text(given, "duration", place),
        student_email=reader.text(given, "studentEmail", place),
        environment=reader.texts_by_name(given, "environment", place),
    )
