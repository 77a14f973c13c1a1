"""Names of new objects: given, generated, and what they mean for a repeated request."""

from dataclasses import replace
from uuid import UUID, uuid5

from api.http.refusals import BadRequest
from api.kubernetes.given_metadata import GivenMetadata
from application.mediator.mediator import RequestContext

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


_SUFFIX_LENGTH = 5


_LONGEST_PREFIX = 253 - _SUFFIX_LENGTH


def check_new(given: GivenMetadata, namespace: str) -> None:
    """Raises BadRequest for what contradicts the path, or cannot be said of a new object."""
    if given.namespace not in ("", namespace):
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if given.resource_version:
        raise BadRequest("resourceVersion should not be set on objects to be created")


def generated_name(prefix: str, command_id: UUID) -> str:
    """A name that begins with the prefix; empty without one."""
    # The name follows from the command's id, so that a repeat means the same lab.
    if not prefix:
        return ""
    number, suffix = command_id.int, ""
    for _ in range(_SUFFIX_LENGTH):
        number, index = divmod(number, len(_SUFFIX_LETTERS))
        suffix += _SUFFIX_LETTERS[index]
    return prefix[:_LONGEST_PREFIX] + suffix


def for_object(context: RequestContext, name: str) -> RequestContext:
    """The context of the command that makes the object of this name."""
    # The path of a create names no object; one key used for two names means two commands.
    if not context.repeatable:
        return context
    return replace(context, command_id=uuid5(context.command_id, name))
