"""The rules that an object's metadata keeps, Kubernetes' own. Pure."""

from collections.abc import Mapping, Sequence

from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import FaultReason, FieldFault
from domain.lab_instance.validation import (
    annotation_faults,
    finalizer_faults,
    label_faults,
    name_faults,
    namespace_faults,
)


def key_faults(key: ApiObjectKey) -> Sequence[FieldFault]:
    """Namespaces are RFC 1123 labels, other names RFC 1123 subdomains."""
    field = "metadata.name"
    if not key.name:
        message = "name or generateName is required"
        return [FieldFault(field=field, reason=FaultReason.REQUIRED, message=message)]
    if key.kind is ApiObjectKind.NAMESPACE:
        return namespace_faults(field, key.name)
    return [
        *name_faults(field, key.name),
        *namespace_faults("metadata.namespace", key.namespace),
    ]


def metadata_faults(
    *, labels: Mapping[str, str], annotations: Mapping[str, str], finalizers: Sequence[str]
) -> Sequence[FieldFault]:
    """What is wrong with what people may note on an object."""
    return [
        *label_faults("metadata.labels", labels),
        *annotation_faults("metadata.annotations", annotations),
        *finalizer_faults("metadata.finalizers", finalizers),
    ]
