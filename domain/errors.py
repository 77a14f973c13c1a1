"""The domain's refusals, and the tree of all errors, by what is done about each.

Refused: nothing was written; the caller has to change something.
    DomainError
        InvalidLabInstance
        LabInstanceNotFound
        LabInstanceAlreadyExists
        IllegalTransition
        PreconditionFailed
        ObjectTooLarge
        NamespaceTerminating
        ApiObjectRefused
            ApiObjectNotFound
            ApiObjectAlreadyExists
            InvalidApiObject
            ProtectedApiObject
    Refusal (of HTTP itself, before any command)
        Unauthenticated
        BadRequest
            UnknownFields
        PatchFailed
        ApplyConflict
        ImpersonationRefused
        BodyTooLarge
        UnsupportedEncoding
        TooBusy
        Stopping
        UnsupportedBody
        NotAcceptable
        InvalidInput
            InvalidOptions
        ObjectNotFound
        UnknownPath
        MethodNotAllowed
    RepeatedDifferently
    InvalidDuration
    RefusedOnTheWire
    ResourceVersionExpired

Lost a race: nothing was written; load again and decide again.
    EventStoreError
        StreamConflict
    SwitchLost
    ReadModelUnavailable
        ViewsSetBack

Outage: the world failed; wait and try again, and blame no lab.
    EventStoreError
        EventStoreUnavailable
            Misconfigured
            StoreClosed
            StreamEnded
            PassingTrouble
                NeverCaughtUp
    ReadModelUnavailable
        UnreadableReadModel
    LeasesUnavailable
    AnchorFailed
    DatabaseUnavailable
        DatabaseDamaged
    ResourceVersionTooLarge (the views are late)
    EndedSubscription
    ProvisionerError
        ProvisionerUnavailable
            BreakerOpen
            NoRoomToStart
        CallTimedOut
        RuntimeSurvives
        SimulatedRuntimeSurvives

One lab or one event is at fault: recorded or said with its name; trying again may not help.
    ProvisionerError
        RuntimeRefused
        RemovalUnfinished
        LabFilesTroubled
        RuntimeNotFound
            RuntimeElsewhere
    NotRemovable
    EventStoreError
        AppendTooLarge
        UndecodableEvent
    ReadModelUnavailable
        UnreadableView
    Undecodable
    BrokenChain
    BrokenLog
    ForkedLog
    DamagedTip
    NoNote
        NoCheckpoint

Cannot start, or cannot be carried out by labctl: one line, and the process ends.
    Unusable
        InvalidSetting
        InvalidTemplate
        CannotListen
        DataDirectoryError
            DataDirectoryInUse
            DataDirectoryUnusable
        UnusableToken
        UnusableAuditKey
        UnusableMemory
        UnusableKubeconfig
        UnusableCertificate
        UnusableDatabase
            DoubtfulLog
        UnusableEventStore
        UnusableMongodb
        NoSharedLeases
        IsolationRefused
        Unanswered
        UnreadableMoment
    WrongAddress
    NotInThisVersion
    SchemaMismatch
    ForeignReadModel
        ViewsAhead
        LogSetBack
    HoldsSomethingElse

Between two parts of the service, never seen outside.
    QueueClosed
    NoCgroups
    ToolMissing
    UnreadableYaml
    NotOurs
    Wrong (a line of a bundle, in the script that verifies it)
    WorkEnded
    StepOutOfPlace
    UnhandledRequest
    Malformed
    CannotShare
        NameTaken
        OtherDivision
"""

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
        message = ", ".join(f"{fault.field}: {fault.message}" for fault in self.faults)
        super().__init__(f"lab instance {name!r} is invalid: {message}")


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
    """The lab or API object that `key` names has another uid or resource version than the
    caller expects."""

    def __init__(self, key: object, *, what: str, expected: str, actual: str) -> None:
        self.key = key
        self.what = what
        self.expected = expected
        self.actual = actual
        super().__init__(f"{key} has {what} {actual}, not {expected}")
