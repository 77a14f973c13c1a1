"""What the client's errors mean: a trouble that may pass, or one that stays."""

import grpc.aio
from kurrentdbclient.exceptions import (
    AbortedByServerError,
    AccessDeniedError,
    CancelledError,
    DeadlineExceededError,
    DiscoveryFailedError,
    ExceptionThrownByHandlerError,
    GrpcError,
    InternalError,
    KurrentDBClientError,
    MaximumAppendSizeExceededError,
    NodeIsNotLeaderError,
    ProgrammingError,
    RecordMaxSizeExceededError,
    ServiceUnavailableError,
    SSLError,
    StreamIsDeletedError,
    SubscriptionConfirmationError,
    UnauthenticatedError,
    UnknownError,
)

from application.ports.event_store import AppendTooLarge, EventStoreError, EventStoreUnavailable

CLIENT_ERRORS = (KurrentDBClientError, ProgrammingError, grpc.RpcError, grpc.aio.BaseError)
"""Whatever the client raises, or lets through from below."""

LARGEST_APPEND = 1024 * 1024
"""Bytes: what every server from 23.10 on takes unless it is configured otherwise."""

NEEDED = "EventStoreDB 23.10 or newer, or KurrentDB, is needed"

_PASSING = (
    AbortedByServerError,
    CancelledError,
    DeadlineExceededError,
    DiscoveryFailedError,
    ExceptionThrownByHandlerError,
    InternalError,
    NodeIsNotLeaderError,
    ServiceUnavailableError,
    SubscriptionConfirmationError,
    UnknownError,
)
_TOO_LARGE = (MaximumAppendSizeExceededError, RecordMaxSizeExceededError)
_OTHER_PROTOCOL = "http1.x server"
_NO_ADDRESS = "empty address list"  # the client takes that for a trouble with TLS
_INVALID = "StatusCode.INVALID_ARGUMENT"
_SHOWN = 200


class Misconfigured(EventStoreUnavailable):
    """Server and configuration do not fit each other; only a person can change that."""


def may_pass(error: Exception) -> bool:
    """Whether the same call may succeed in a moment."""
    error = _cause_of(error)
    if _NO_ADDRESS in str(error):
        return True
    if isinstance(error, SSLError) or _OTHER_PROTOCOL in str(error) or _is_too_large(error):
        return False
    return isinstance(error, (*_PASSING, grpc.aio.UsageError)) or _is_nameless(error)


def is_of_place(error: EventStoreUnavailable) -> bool:
    """Whether a subscription may have failed because no record is where it was to begin:
    servers say so in words that they use for other troubles, too."""
    cause = error.__cause__
    return isinstance(cause, ExceptionThrownByHandlerError) or _INVALID in str(cause)


def translated(error: Exception) -> EventStoreError:
    """A client's error as the port knows it."""
    error = _cause_of(error)
    if _is_too_large(error):
        return AppendTooLarge(LARGEST_APPEND)
    if isinstance(error, (UnauthenticatedError, AccessDeniedError)):
        return Misconfigured("it refuses the user, or what the user may not do")
    if isinstance(error, SSLError):
        return Misconfigured(_tls_trouble(str(error)))
    if _OTHER_PROTOCOL in str(error):
        return Misconfigured("it speaks HTTP/1: " + NEEDED)
    if "StatusCode.UNIMPLEMENTED" in str(error):
        return Misconfigured("it does not know what it is asked: " + NEEDED)
    if isinstance(error, StreamIsDeletedError):
        return EventStoreUnavailable("somebody has deleted the stream for ever")
    return EventStoreUnavailable(described(error))


def described(error: Exception) -> str:
    """The error in one line."""
    said = " ".join(str(error).split())[:_SHOWN]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _is_too_large(error: Exception) -> bool:
    """One kind of it is unknown to the client, and is reported by its name only."""
    return isinstance(error, _TOO_LARGE) or (_is_nameless(error) and "SizeExceeded" in str(error))


def _is_nameless(error: Exception) -> bool:
    """Whether the client has no word for it: it says so of a reply that did not come, too."""
    return type(error) is KurrentDBClientError


def _cause_of(error: Exception) -> Exception:
    """Of a cluster that was not found, why not: a wrong certificate does not get better."""
    cause = error.__cause__
    if isinstance(error, DiscoveryFailedError) and isinstance(cause, GrpcError):
        return cause
    return error


def _tls_trouble(said: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return "its certificate is not trusted; name the authority of it with TlsCaFile"
    if "WRONG_VERSION_NUMBER" in said:
        return "it does not speak TLS; say Tls=false if it is meant not to"
    if "create security handshaker" in said:
        return "TlsCaFile, UserCertFile or UserKeyFile holds no certificate or key"
    return f"TLS with it fails: {said[:_SHOWN]}"
