"""Reads a LabInstance out of plain JSON values: what is said, what is of a wrong type, and
what nobody knows. Judges nothing but types; that is admission's business."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.refusals import BadRequest
from api.status import API_VERSION, KIND
from application.admission import DesiredLabInstance
from domain.errors import FaultReason, FieldFault
from domain.lab_instance.key import LabKey

_TOP = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_METADATA = frozenset(
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
_MOST_FAULTS = 100
_SPEC = frozenset({"template", "duration", "studentEmail", "environment"})

KNOWN_FIELDS = _TOP | _METADATA | _SPEC
"""The names of all fields that mean something somewhere in a LabInstance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenResource:
    """A LabInstance as a client wrote it. `unknown` names the fields that nobody knows."""

    name: str
    generate_name: str
    namespace: str
    uid: str
    resource_version: str
    desired: DesiredLabInstance
    unknown: tuple[str, ...]

    def under(self, key: LabKey) -> DesiredLabInstance:
        """The desired lab under the name that it shall really have."""
        desired = self.desired
        return DesiredLabInstance(
            key=key,
            labels=desired.labels,
            annotations=desired.annotations,
            finalizers=desired.finalizers,
            template=desired.template,
            duration=desired.duration,
            student_email=desired.student_email,
            environment=desired.environment,
            faults=desired.faults,
        )


def read_resource(document: Any) -> GivenResource:
    """Raises BadRequest when the document is no LabInstance at all."""
    if not isinstance(document, dict):
        raise BadRequest("the object provided is not a LabInstance: it must be a JSON object")
    _check_kind(document)
    reader = _Reader()
    reader.note_unknown(document, _TOP, "")
    metadata = reader.mapping(document, "metadata", "")
    reader.note_unknown(metadata, _METADATA, "metadata.")
    spec = reader.mapping(document, "spec", "")
    reader.note_unknown(spec, _SPEC, "spec.")
    name = reader.text(metadata, "name", "metadata.") or ""
    namespace = reader.text(metadata, "namespace", "metadata.") or ""
    generate_name = reader.text(metadata, "generateName", "metadata.") or ""
    uid = reader.text(metadata, "uid", "metadata.") or ""
    resource_version = reader.text(metadata, "resourceVersion", "metadata.") or ""
    desired = _desired(reader, metadata, spec, LabKey(namespace, name))
    return GivenResource(
        name=name,
        generate_name=generate_name,
        namespace=namespace,
        uid=uid,
        resource_version=resource_version,
        desired=desired,
        unknown=tuple(reader.unknown),
    )


def _desired(
    reader: "_Reader", metadata: Mapping[str, Any], spec: Mapping[str, Any], key: LabKey
) -> DesiredLabInstance:
    labels = reader.texts_by_name(metadata, "labels", "metadata.")
    annotations = reader.texts_by_name(metadata, "annotations", "metadata.")
    finalizers = reader.texts(metadata, "finalizers", "metadata.")
    template = reader.text(spec, "template", "spec.")
    duration = reader.text(spec, "duration", "spec.")
    student_email = reader.text(spec, "studentEmail", "spec.")
    environment = reader.texts_by_name(spec, "environment", "spec.")
    return DesiredLabInstance(
        key=key,
        labels=labels,
        annotations=annotations,
        finalizers=finalizers,
        template=template,
        duration=duration,
        student_email=student_email,
        environment=environment,
        faults=tuple(reader.faults),
    )


def _check_kind(document: Mapping[str, Any]) -> None:
    kind, version = document.get("kind"), document.get("apiVersion")
    if version not in (None, "", API_VERSION):
        raise BadRequest(
            f"the API version in the data does not match the expected API version ({API_VERSION})"
        )
    if kind not in (None, "", KIND):
        raise BadRequest(f"the kind in the data does not match the expected kind ({KIND})")


class _Reader:
    """Takes typed values out of objects and remembers every fault and unknown field."""

    def __init__(self) -> None:
        self.faults: list[FieldFault] = []
        self.unknown: list[str] = []

    def note_unknown(self, given: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        if given.keys() <= known:
            return
        self.unknown += [
            f"{place}{name}"
            for name, value in given.items()
            if name not in known and value is not None
        ]

    def mapping(self, given: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
        value = given.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self._fault(f"{place}{name}", "an object", value)
        return {}

    def text(self, given: Mapping[str, Any], name: str, place: str) -> str | None:
        value = given.get(name)
        if value is None or isinstance(value, str):
            return value
        self._fault(f"{place}{name}", "a string", value)
        return None

    def texts_by_name(self, given: Mapping[str, Any], name: str, place: str) -> dict[str, str]:
        texts: dict[str, str] = {}
        for key, value in self.mapping(given, name, place).items():
            if isinstance(value, str):
                texts[key] = value
            elif value is not None:
                shown = key[:64].encode("unicode_escape").decode("ascii")
                self._fault(f"{place}{name}[{shown}]", "a string", value)
        return texts

    def texts(self, given: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
        value = given.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fault(f"{place}{name}", "an array", value)
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self._fault(f"{place}{name}[{index}]", "a string", item)
        return tuple(item for item in value if isinstance(item, str))

    def _fault(self, field: str, wanted: str, value: object) -> None:
        if len(self.faults) == _MOST_FAULTS:
            return
        message = f"must be {wanted}, not {_JSON_NAME.get(type(value), 'something else')}"
        self.faults.append(FieldFault(field=field, reason=FaultReason.TYPE, message=message))


_JSON_NAME = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}
