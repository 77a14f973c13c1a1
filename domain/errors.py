"""The tree of refusals. A refusal tells the caller what is wrong; nothing has been written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class FaultReason(Enum):
    """Why a field is not acceptable; the values are those of Kubernetes' `StatusCause`."""

    REQUIRED = "FieldValueRequired"
    INVALID = "FieldValueInvalid"
    NOT_SUPPORTED = "FieldValueNotSupported"
    FORBIDDEN = "FieldValueForbidden"
    TYPE = "FieldValueTypeInvalid"
    TOO_LONG = "FieldValueTooLong"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One faulty field: where it stands (`spec.duration`), why, and what would be accepted."""

    field: str
    reason: FaultReason
    message: str


class DomainError(Exception):
    """A request was refused by the rules of the domain."""


class ObjectTooLarge(DomainError):
    """The object as a whole would be larger than objects may be."""

    def __init__(self, name: str, size: int, limit: int) -> None:
        super().__init__(
            f"Request entity too large: limit is {limit}; {name} would have {size} bytes"
        )


class InvalidLabInstance(DomainError):
    """One or more fields are faulty; `faults` names every one of them."""

    def __init__(self, name: str, faults: Sequence[FieldFault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        told = ", ".join(f"{fault.field}: {fault.message}" for fault in self.faults)
        super().__init__(f"lab instance {name!r} is invalid: {told}")


class LabInstanceNotFound(DomainError):
    """No lab of that name exists now; one may have existed before."""

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace = namespace
        self.name = name
        super().__init__(f"lab instance {name!r} not found in namespace {namespace!r}")


class LabInstanceAlreadyExists(DomainError):
    """The name is taken by a lab that is not deleted yet."""

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace = namespace
        self.name = name
        super().__init__(f"lab instance {name!r} already exists in namespace {namespace!r}")


class IllegalTransition(DomainError):
    """The command is not legal in the lab's present state."""

    def __init__(self, name: str, state: str, attempted: str, allowed: Sequence[str]) -> None:
        self.name = name
        self.state = state
        self.attempted = attempted
        self.allowed = tuple(allowed)
        super().__init__(
            f"cannot {attempted} lab instance {name!r} while it is {state}; "
            f"this is possible while it is {' or '.join(allowed)}"
        )


class PreconditionFailed(DomainError):
    """The lab is not, or no longer, the one the caller had in mind."""

    def __init__(self, name: str, what: str, expected: str, actual: str) -> None:
        self.name = name
        self.what = what
        self.expected = expected
        self.actual = actual
        super().__init__(f"lab instance {name!r} has {what} {actual}, not {expected}")
