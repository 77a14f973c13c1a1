"""Reads the metadata of any object as a client wrote it."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from api.http.refusals import BadRequest
from api.kubernetes.field_reader import FieldReader

METADATA_FIELDS = frozenset(
    {
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "finalizers",
        "managedFields",
        "selfLink",
    }
)


class GivenMetadata(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """What a client may say of an object; empty where nothing was said."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    finalizers: tuple[str, ...] = ()


class Given(Protocol):
    """Whatever a client wrote: which kind it is, and what it says of its identity."""

    @property
    def kind(self) -> str:
        """The kind's name."""

    @property
    def metadata(self) -> GivenMetadata:
        """What identifies it."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that nobody knows."""


def check_kind(document: Mapping[str, Any], *, api_version: str, kind: str) -> None:
    """Raises BadRequest when the object says that it is of another version or kind."""
    if document.get("apiVersion") not in (None, "", api_version):
        raise BadRequest(
            f"the API version in the data does not match the expected API version ({api_version})"
        )
    if document.get("kind") not in (None, "", kind):
        raise BadRequest(f"the kind in the data does not match the expected kind ({kind})")


def read_metadata(reader: FieldReader, document: Mapping[str, Any]) -> GivenMetadata:
    """The metadata of the document; `reader` notes what is mistyped or unknown in it."""
    place = "metadata."
    given = reader.mapping(document, "metadata", "")
    reader.note_unknown(given, METADATA_FIELDS, place)
    return GivenMetadata(
        name=reader.text(given, "name", place) or "",
        namespace=reader.text(given, "namespace", place) or "",
        generate_name=reader.text(given, "generateName", place) or "",
        uid=reader.text(given, "uid", place) or "",
        resource_version=reader.text(given, "resourceVersion", place) or "",
        labels=reader.texts_by_name(given, "labels", place),
        annotations=reader.texts_by_name(given, "annotations", place),
        finalizers=reader.texts(given, "finalizers", place),
    )
