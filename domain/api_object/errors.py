"""What can be refused of documents. Nothing has been written then."""

from collections.abc import Sequence

from domain.api_object.key import DocumentKey
from domain.errors import DomainError, FieldFault


class DocumentRefused(DomainError):
    """A wish about one document was refused."""

    def __init__(self, key: DocumentKey, told: str) -> None:
        self.key = key
        super().__init__(f"{key} {told}")


class DocumentNotFound(DocumentRefused):
    """There is no such document now."""

    def __init__(self, key: DocumentKey) -> None:
        super().__init__(key, "not found")


class DocumentAlreadyExists(DocumentRefused):
    """The name is taken."""

    def __init__(self, key: DocumentKey) -> None:
        super().__init__(key, "already exists")


class InvalidDocument(DocumentRefused):
    """One or more fields are faulty; `faults` names every one of them."""

    def __init__(self, key: DocumentKey, faults: Sequence[FieldFault]) -> None:
        self.faults = tuple(faults)
        told = ", ".join(f"{fault.field}: {fault.message}" for fault in self.faults)
        super().__init__(key, f"is invalid: {told}")


class ProtectedDocument(DocumentRefused):
    """It must not go: others count on it."""

    def __init__(self, key: DocumentKey) -> None:
        super().__init__(key, "may not be deleted")


class DocumentPreconditionFailed(DocumentRefused):
    """It is not, or no longer, the one the caller had in mind."""

    def __init__(self, key: DocumentKey, *, what: str, expected: str, actual: str) -> None:
        self.what = what
        self.expected = expected
        self.actual = actual
        super().__init__(key, f"has {what} {actual}, not {expected}")


class NamespaceTerminating(DomainError):
    """Nothing new may come into a namespace that goes. `kind` is what was to come; None for a
    lab."""

    def __init__(self, key: DocumentKey | None, *, namespace: str, name: str) -> None:
        self.key = key
        self.namespace = namespace
        self.name = name
        super().__init__(f"namespace {namespace!r} is being terminated, so {name!r} is refused")
