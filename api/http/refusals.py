"""What the edge itself refuses, before anything reaches the application. No status codes here:
`error_table` knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import FieldFault

_LONGEST_PATH = 1024


class Refusal(Exception):
    """A request that the edge does not pass on."""


class Unauthenticated(Refusal):
    """No credentials, or wrong ones."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class ImpersonationRefused(Refusal):
    """The request wants to be made in somebody else's name, which nobody may."""

    def __init__(self, header: str, user: str) -> None:
        super().__init__(
            f'forbidden: impersonation is not supported, and the header "{header[:64]}" would be '
            f'without effect: the request would act as "{user}"; send it without --as'
        )


class BadRequest(Refusal):
    """The request cannot be understood."""


class TooBusy(Refusal):
    """Too much heavy work waits already."""

    def __init__(self) -> None:
        super().__init__("too many large requests wait to be read; try again soon")


class Stopping(Refusal):
    """The service ends, and does not wait for work that takes long."""

    def __init__(self) -> None:
        super().__init__("the service is stopping; ask again when it is back")


class UnknownFields(BadRequest):
    """Strict validation was asked for and the body has fields that nobody knows, or says fields
    twice. Paths are cut at 1024 characters."""

    def __init__(self, kind: str, fields: Sequence[str], repeated: Sequence[str] = ()) -> None:
        problems = [
            *(f'unknown field "{field[:_LONGEST_PATH]}"' for field in fields),
            *(f'duplicate field "{field[:_LONGEST_PATH]}"' for field in repeated),
        ]
        super().__init__(
            f'{kind} in version "v1" cannot be handled as a {kind}: '
            f"strict decoding error: {', '.join(problems)}"
        )


class PatchFailed(Refusal):
    """The patch does not fit the object: a test failed, or a path leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """A field that somebody else has owned since a time."""

    manager: str
    since: datetime
    field: str


class ApplyConflict(Refusal):
    """Others own fields that were to be applied with other values."""

    def __init__(self, conflicts: Sequence[FieldConflict]) -> None:
        self.conflicts = tuple(conflicts)
        count = len(self.conflicts)
        owned = ", ".join(f'"{each.manager}": {each.field}' for each in self.conflicts)
        kinds = "conflict" if count == 1 else "conflicts"
        super().__init__(f"Apply failed with {count} {kinds}: {kinds} with {owned}")


class BodyTooLarge(Refusal):
    """The body has more bytes than the service reads."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Request entity too large: limit is {limit}")


class UnsupportedBody(Refusal):
    """The content type is none of those that are accepted here."""

    def __init__(self, accepted: Sequence[str]) -> None:
        super().__init__(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(accepted)
        )


class UnsupportedEncoding(Refusal):
    """The body is compressed."""

    def __init__(self) -> None:
        super().__init__("a body with a Content-Encoding is not accepted; send it as it is")


class NotAcceptable(Refusal):
    """No form of the answer is one that the client accepts."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__("only the following media types are accepted: " + ", ".join(offered))


class InvalidInput(Refusal):
    """What was given has faults; `faults` names every one of them."""

    def __init__(self, *, group: str, kind: str, name: str, faults: Sequence[FieldFault]) -> None:
        self.group = group
        self.kind = kind
        self.name = name
        self.faults = tuple(faults)
        super().__init__(f"{kind} {name!r} is invalid")


class InvalidOptions(InvalidInput):
    """Query parameters or options that contradict each other or have no such value."""

    def __init__(self, kind: str, faults: Sequence[FieldFault]) -> None:
        super().__init__(group="meta.k8s.io", kind=kind, name="", faults=faults)


class ObjectNotFound(Refusal):
    """There is no such object of a kind; `group` and `plural` name the kind."""

    def __init__(self, *, group: str, plural: str, name: str) -> None:
        self.group = group
        self.plural = plural
        self.name = name
        resource = f"{plural}.{group}" if group else plural
        super().__init__(f'{resource} "{name}" not found')


class UnknownPath(Refusal):
    """Nothing is served under this path."""

    def __init__(self) -> None:
        super().__init__("the server could not find the requested resource")


class MethodNotAllowed(Refusal):
    """The path exists but not with this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__("the server does not allow this method on the requested resource")
