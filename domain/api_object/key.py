"""The address of an API object."""

from dataclasses import dataclass
from enum import Enum


class ApiObjectKind(Enum):
    """The kinds of API objects; the values stand in stream names, for ever."""

    NAMESPACE = "namespace"
    LEASE = "lease"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectKey:
    """Kind, namespace and name: unique among the objects that exist now. A namespace is in
    no namespace itself."""

    kind: ApiObjectKind
    namespace: str
    name: str

    @property
    def place(self) -> tuple[str, str]:
        """Its place in lists of its kind: namespace and name."""
        return self.namespace, self.name

    def __str__(self) -> str:
        inside = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.value} {inside}{self.name}"


def namespace_key(name: str) -> ApiObjectKey:
    """The key of a namespace."""
    return ApiObjectKey(kind=ApiObjectKind.NAMESPACE, namespace="", name=name)
