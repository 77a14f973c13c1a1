"""What can be refused of objects. Nothing has been written then."""

from collections.abc import Sequence

from domain.api_object.key import ApiObjectKey
from domain.errors import DomainError, FieldFault


class ApiObjectRefused(DomainError):
    """A wish about one object was refused."""

    def __init__(self, key: ApiObjectKey, told: str) -> None:
        self.key = key
        super().__init__(f"{key} {told}")


class ApiObjectNotFound(ApiObjectRefused):
    """There is no such object now."""

    def __init__(self, key: ApiObjectKey) -> None:
        super().__init__(key, "not found")


class ApiObjectAlreadyExists(ApiObjectRefused):
    """The name is taken."""

    def __init__(self, key: ApiObjectKey) -> None:
        super().__init__(key, "already exists")


class InvalidApiObject(ApiObjectRefused):
    """One or more fields are faulty; `faults` names every one of them."""

    def __init__(self, key: ApiObjectKey, faults: Sequence[FieldFault]) -> None:
        self.faults = tuple(faults)
        told = ", ".join(f"{fault.field}: {fault.message}" for fault in self.faults)
        super().__init__(key, f"is invalid: {told}")


class ProtectedApiObject(ApiObjectRefused):
    """It must not go: others count on it."""

    def __init__(self, key: ApiObjectKey) -> None:
        super().__init__(key, "may not be deleted")


class NamespaceTerminating(DomainError):
    """Nothing new may come into a namespace that goes. `kind` is what was to come; None for a
    lab."""

    def __init__(self, key: ApiObjectKey | None, *, namespace: str, name: str) -> None:
        self.key = key
        self.namespace = namespace
        self.name = name
        super().__init__(f"namespace {namespace!r} is being terminated, so {name!r} is refused")
