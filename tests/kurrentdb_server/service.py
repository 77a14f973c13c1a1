"""The Streams service: requests in, messages of the log out."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, NoReturn

import grpc
from kurrentdbclient.protos.v1 import shared_pb2, status_pb2, streams_pb2, streams_pb2_grpc

from tests.kurrentdb_server import messages
from tests.kurrentdb_server.admission import Admission
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.faults import Faults
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.reading import Message, log_read, stream_read
from tests.kurrentdb_server.records import (
    Appended,
    InvalidPosition,
    Proposed,
    StreamDeleted,
    WrongExpectedVersion,
)
from tests.kurrentdb_server.subscription import LogSubscription

_LARGEST_APPEND = 1024 * 1024
_LARGEST_EVENT = 16 * 1024 * 1024


class Streams(streams_pb2_grpc.StreamsServicer):
    """Serves one log. `batches` and `reads` are the requests it saw; `largest_append` and
    `largest_event`: bytes that it takes at once, and in one event, as servers from 25.1 on."""

    def __init__(self, log: Log, faults: Faults, admission: Admission, edition: Edition) -> None:
        self._edition = edition
        self._log = log
        self._faults = faults
        self._admission = admission
        self.largest_append = _LARGEST_APPEND
        self.largest_event = _LARGEST_EVENT
        self.batches: list[streams_pb2.BatchAppendReq] = []
        self.reads: list[streams_pb2.ReadReq.Options] = []

    async def BatchAppend(  # noqa: N802  the protocol's name
        self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: Any
    ) -> AsyncIterator[streams_pb2.BatchAppendResp]:
        await self._admission.admit_write(context)
        waiting: list[Proposed] = []
        async for request in requests:
            self.batches.append(request)
            waiting += map(messages.proposed, request.proposed_messages)
            if request.is_final:
                if self._faults.happens("failures_before_commit"):
                    await self._fail(context)
                answer = self._batch_appended(request, waiting)
                waiting = []
                if self._faults.happens("lost_replies"):
                    await self._fail(context)
                if self._faults.happens("silent_appends"):
                    return
                yield messages.batch_answer(request, answer)

    async def Append(  # noqa: N802  the protocol's name
        self, requests: AsyncIterator[streams_pb2.AppendReq], context: Any
    ) -> streams_pb2.AppendResp:
        await self._admission.admit_write(context)
        options = (await anext(aiter(requests))).options
        events = [messages.proposed(one.proposed_message) async for one in requests]
        expected = messages.expected_by(options)
        response = streams_pb2.AppendResp()
        try:
            done = self._log.append(_stream_of(options.stream_identifier), expected, events)
        except StreamDeleted as error:
            await _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, error)
        except WrongExpectedVersion as error:
            wrong = response.wrong_expected_version
            if error.actual < 0:
                wrong.current_no_stream.CopyFrom(shared_pb2.Empty())
            else:
                wrong.current_revision = error.actual
        else:
            response.success.current_revision = max(0, done.revision)
            response.success.position.commit_position = done.position or 0
        return response

    async def Read(  # noqa: N802  the protocol's name
        self, request: streams_pb2.ReadReq, context: Any
    ) -> AsyncIterator[Message]:
        await self._admission.admit(context)
        options = request.options
        self.reads.append(options)
        if self._faults.happens("failed_reads"):
            await self._fail(context)
        try:
            if options.WhichOneof("count_option") == "subscription":
                async for message in self._subscribed(options, context):
                    yield message
                return
            for message in await self._read(self._asked(options), context):
                yield message
        except InvalidPosition:
            await context.abort(*self._invalid_position(options))
        except StreamDeleted as error:
            await _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, error)

    async def Delete(  # noqa: N802  the protocol's name
        self, request: streams_pb2.DeleteReq, context: Any
    ) -> streams_pb2.DeleteResp:
        await self._admission.admit_write(context)
        stream = _stream_of(request.options.stream_identifier)
        try:
            done = self._log.delete(stream, messages.expected_by(request.options))
        except (WrongExpectedVersion, StreamDeleted) as error:
            await _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, error)
        position = streams_pb2.DeleteResp.Position(commit_position=done.position or 0)
        return streams_pb2.DeleteResp(position=position)

    async def Tombstone(  # noqa: N802  the protocol's name
        self, request: streams_pb2.TombstoneReq, context: Any
    ) -> streams_pb2.TombstoneResp:
        await self._admission.admit_write(context)
        stream = _stream_of(request.options.stream_identifier)
        try:
            done = self._log.tombstone(stream, messages.expected_by(request.options))
        except (WrongExpectedVersion, StreamDeleted) as error:
            await _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, error)
        position = streams_pb2.TombstoneResp.Position(commit_position=done.position or 0)
        return streams_pb2.TombstoneResp(position=position)

    def _batch_appended(
        self, request: streams_pb2.BatchAppendReq, events: list[Proposed]
    ) -> Appended | status_pb2.Status:
        stream = request.options.stream_identifier.stream_name.decode()
        if messages.size_of(events, self._edition) > self.largest_append:
            return messages.append_too_large(self.largest_append)
        if max((one.size for one in events), default=0) > self.largest_event:
            return messages.event_too_large()
        try:
            return self._log.append(stream, messages.expected_by_batch(request.options), events)
        except WrongExpectedVersion as error:
            return messages.wrong_version(error)
        except StreamDeleted:
            return messages.stream_deleted(stream)

    def _invalid_position(
        self, options: streams_pb2.ReadReq.Options
    ) -> tuple[grpc.StatusCode, str]:
        if options.WhichOneof("count_option") == "subscription":
            return self._edition.missubscribed()
        filtered = options.HasField("filter")
        if options.all.position.commit_position >= self._log.end:
            said = self._edition.misread_backwards_past_the_end(filtered=filtered)
        else:
            said = self._edition.misread(filtered=filtered)
        return grpc.StatusCode.UNKNOWN, said

    def _asked(self, options: streams_pb2.ReadReq.Options) -> Iterable[Message]:
        if options.WhichOneof("stream_option") == "stream":
            return stream_read(self._log, options)
        return log_read(self._log, options, self._faults)

    async def _read(self, found: Iterable[Message], context: Any) -> list[Message]:
        delivered = list(found)
        if len(delivered) > 1 and self._faults.happens("halved_reads"):
            await context.write(delivered[0])
            await self._fail(context)
        return delivered

    async def _subscribed(
        self, options: streams_pb2.ReadReq.Options, context: Any
    ) -> AsyncIterator[Message]:
        if options.WhichOneof("stream_option") == "stream":
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "only to the whole log")
        events = 0
        async for message in self._new_subscription(options).messages():
            yield message
            events += message.HasField("event")
            if events >= self._faults.cut_after > 0 and self._faults.happens("cuts"):
                if self._faults.failure is grpc.StatusCode.OK:
                    return  # a server that stops may end its streams as if they were complete
                await self._fail(context)

    def _new_subscription(self, options: streams_pb2.ReadReq.Options) -> LogSubscription:
        return LogSubscription(self._log, options, self._faults, self._edition)

    async def _fail(self, context: Any) -> None:
        await context.abort(self._faults.failure, self._faults.details)


def _stream_of(identifier: shared_pb2.StreamIdentifier) -> str:
    return identifier.stream_name.decode()


async def _refuse(context: Any, code: grpc.StatusCode, error: Exception) -> NoReturn:
    await context.abort(code, str(error))
    raise error
