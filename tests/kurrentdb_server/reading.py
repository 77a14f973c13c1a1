"""What a read delivers, message by message, and which records a filter lets through."""

import re
from collections.abc import Callable, Iterator, Sequence

from kurrentdbclient.protos.v1 import streams_pb2

from tests.kurrentdb_server import messages
from tests.kurrentdb_server.faults import Faults
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.records import InvalidPosition, Record, StreamDeleted

Options = streams_pb2.ReadReq.Options
Message = streams_pb2.ReadResp


def stream_read(log: Log, options: Options) -> Iterator[Message]:
    """One stream, forwards or backwards. Raises StreamDeleted."""
    wanted = options.stream
    name = wanted.stream_identifier.stream_name.decode()
    if log.is_tombstoned(name):
        raise StreamDeleted(name)
    known = log.visible(name)
    if known is None:
        yield messages.not_found(name)
        return
    for record in _stream_part(known, options)[: options.count]:
        yield messages.event(record)


def log_read(log: Log, options: Options, faults: Faults) -> Iterator[Message]:
    """The whole log: forwards from a position on, backwards from before it. Raises
    InvalidPosition."""
    backwards = options.read_direction == Options.Backwards
    start = options.all.WhichOneof("all_option")
    if start == "position":
        index = log.index_of(options.all.position.commit_position)
        if backwards and index == len(log.records):
            raise InvalidPosition
    else:
        index = len(log.records) if start == "end" else 0
    found = log.records[:index][::-1] if backwards else log.records[index:]
    matches = matcher(options, faults)
    delivered = 0
    for record in found:
        if matches(record):
            yield messages.event(record)
            delivered += 1
        if delivered >= options.count:
            return


def _stream_part(known: Sequence[Record], options: Options) -> Sequence[Record]:
    start = options.stream.WhichOneof("revision_option")
    revision = options.stream.revision
    if options.read_direction == Options.Backwards:
        newest_first = known[::-1]
        if start == "revision":
            return [one for one in newest_first if one.revision <= revision]
        return newest_first if start == "end" else newest_first[-1:]
    if start == "revision":
        return [one for one in known if one.revision >= revision]
    return known if start == "start" else known[:0]


def matcher(options: Options, faults: Faults) -> Callable[[Record], bool]:
    """Whether the filter of the request lets a record through."""
    if faults.leaks or not options.HasField("filter"):
        return lambda _: True
    by_type = options.filter.WhichOneof("filter") == "event_type"
    expression = options.filter.event_type if by_type else options.filter.stream_identifier

    def matches(record: Record) -> bool:
        text = record.event.type if by_type else record.stream
        if expression.prefix:
            return text.startswith(tuple(expression.prefix))
        return re.search(expression.regex, text) is not None

    return matches
