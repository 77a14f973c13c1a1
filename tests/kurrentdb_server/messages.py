"""Records and refusals as the messages of the protocol, and requests as our own words."""

from collections.abc import Iterable
from uuid import UUID

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.message import Message
from kurrentdbclient.protos.v1 import shared_pb2, status_pb2, streams_pb2

from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.records import (
    ANY,
    EXISTS,
    NO_STREAM,
    Appended,
    Proposed,
    Record,
    WrongExpectedVersion,
)

Expecting = (
    streams_pb2.AppendReq.Options
    | streams_pb2.DeleteReq.Options
    | streams_pb2.TombstoneReq.Options
)
Proposing = streams_pb2.BatchAppendReq.ProposedMessage | streams_pb2.AppendReq.ProposedMessage
_EVENT_TOO_LARGE = "event_store.client.MaximumAppendEventSizeExceeded"
_STATES = {"no_stream": NO_STREAM, "any": ANY, "stream_exists": EXISTS}


def expected_by(options: Expecting) -> int:
    """The revision that a single request expects."""
    told = options.WhichOneof("expected_stream_revision")
    return options.revision if told == "revision" else _STATES[str(told)]


def expected_by_batch(options: streams_pb2.BatchAppendReq.Options) -> int:
    """The revision that a batch expects."""
    told = options.WhichOneof("expected_stream_position")
    return options.stream_position if told == "stream_position" else _STATES[str(told)]


def proposed(message: Proposing) -> Proposed:
    """The event that a message carries."""
    return Proposed(
        id=UUID(message.id.string),
        type=message.metadata["type"],
        content_type=message.metadata["content-type"],
        data=message.data,
        metadata=message.custom_metadata,
    )


def event(record: Record) -> streams_pb2.ReadResp:
    """A record as readers get it."""
    told = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(record.event.id)),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=record.stream.encode()),
        stream_revision=record.revision,
        commit_position=record.position,
        prepare_position=record.position,
        metadata={
            "type": record.event.type,
            "content-type": record.event.content_type,
            "created": str(record.created),
        },
        custom_metadata=record.event.metadata,
        data=record.event.data,
    )
    return streams_pb2.ReadResp(
        event=streams_pb2.ReadResp.ReadEvent(event=told, commit_position=record.position)
    )


def not_found(stream: str) -> streams_pb2.ReadResp:
    """A stream that is not there is told as content, not as an error."""
    return streams_pb2.ReadResp(
        stream_not_found=streams_pb2.ReadResp.StreamNotFound(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode())
        )
    )


def confirmation(subscription: UUID) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        confirmation=streams_pb2.ReadResp.SubscriptionConfirmation(
            subscription_id=str(subscription)
        )
    )


def checkpoint(position: int) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        checkpoint=streams_pb2.ReadResp.Checkpoint(
            commit_position=position, prepare_position=position
        )
    )


def caught_up(position: int | None) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        caught_up=streams_pb2.ReadResp.CaughtUp(position=_position(position))
    )


def fell_behind(position: int | None) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        fell_behind=streams_pb2.ReadResp.FellBehind(position=_position(position))
    )


def batch_answer(
    request: streams_pb2.BatchAppendReq, answer: Appended | status_pb2.Status
) -> streams_pb2.BatchAppendResp:
    """The reply to one batch: what is wrong with it stands in the reply."""
    response = streams_pb2.BatchAppendResp(correlation_id=request.correlation_id)
    if isinstance(answer, status_pb2.Status):
        response.error.CopyFrom(answer)
        return response
    response.success.current_revision = max(0, answer.revision)
    if answer.position is None:
        response.success.no_position.CopyFrom(empty_pb2.Empty())
    else:
        response.success.position.commit_position = answer.position
        response.success.position.prepare_position = answer.position
    return response


def wrong_version(error: WrongExpectedVersion) -> status_pb2.Status:
    detail = shared_pb2.WrongExpectedVersion()
    if error.actual == NO_STREAM:
        detail.current_no_stream.CopyFrom(empty_pb2.Empty())
    else:
        detail.current_stream_revision = error.actual
    if error.expected >= 0:
        detail.expected_stream_position = error.expected
    return _status(grpc.StatusCode.FAILED_PRECONDITION, str(error), detail)


def stream_deleted(stream: str) -> status_pb2.Status:
    name = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    detail = shared_pb2.StreamDeleted(stream_identifier=name)
    return _status(grpc.StatusCode.FAILED_PRECONDITION, "stream deleted", detail)


def append_too_large(limit: int) -> status_pb2.Status:
    detail = shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=limit)
    return _status(grpc.StatusCode.INVALID_ARGUMENT, "maximum append size exceeded", detail)


def event_too_large() -> status_pb2.Status:
    """Of a kind that the client does not know: it sees the name of it only."""
    detail = any_pb2.Any(type_url=f"type.googleapis.com/{_EVENT_TOO_LARGE}")
    code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
    return status_pb2.Status(code=code, message="maximum append event size", details=detail)


def size_of(events: Iterable[Proposed], edition: Edition) -> int:
    """The bytes that count towards what is taken at once."""
    return sum(one.size if edition.counts_metadata else len(one.data) for one in events)


def _position(position: int | None) -> streams_pb2.ReadResp.Position | None:
    if position is None:
        return None
    return streams_pb2.ReadResp.Position(commit_position=position, prepare_position=position)


def _status(code: grpc.StatusCode, message: str, detail: Message) -> status_pb2.Status:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return status_pb2.Status(code=code.value[0], message=message, details=packed)
