"""The documents of one lab's past."""

from collections.abc import Sequence

import msgspec

from api.audit.difference import Operation


class CauseDocument(msgspec.Struct, kw_only=True):
    """The event of the same lab that another one follows from."""

    position: str
    version: int
    type: str


class HistoryEntryDocument(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One recorded event: who, why, when, where in the order, and what it changed, as a JSON
    patch. `sentence` says it to people."""

    position: str
    version: int
    type: str
    sentence: str
    uid: str | None = None
    actor: str
    user_agent: str
    command_id: str
    correlation_id: str
    causation_id: str
    cause: CauseDocument | None = None
    traceparent: str
    time: str
    recorded_at: str
    reason: str | None = None
    message: str | None = None
    proof: str | None = None
    left_behind: Sequence[str] | None = None
    hash: str | None = None
    difference: Sequence[Operation]


class UndecodableDocument(msgspec.Struct, kw_only=True):
    """An event that nobody can read: nothing beyond it can be told."""

    position: str
    type: str
    error: str


class HistoryMetadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which lab, and where the rest begins."""

    name: str
    namespace: str
    continue_: str | None = msgspec.field(name="continue", default=None)


class HistoryDocument(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="LabInstanceHistory"
):
    """What was recorded under one name, through all incarnations, the oldest first unless asked
    for otherwise."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: HistoryMetadata
    items: Sequence[msgspec.Raw]
    undecodable: UndecodableDocument | None = None


class WhyDocument(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="LabInstanceWhy"
):
    """Why a lab is, or was, in its state. `because` begins with what led to the state, and each
    entry is followed by its cause; `sentences` say the same to people."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: HistoryMetadata
    state: str
    reason: str
    message: str
    since: str
    sentences: Sequence[str]
    because: Sequence[HistoryEntryDocument]
    more: bool = False
