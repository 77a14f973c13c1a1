"""What the writer can be asked and what it answers, as plain values that can be handed on."""

from collections.abc import Sequence

import msgspec

from infrastructure.sqlite.appender import Append, Appended, Refused, Repeated
from infrastructure.sqlite.log_tree import Rooted
from infrastructure.sqlite.past_writes import PastMadeUp
from infrastructure.sqlite.statements import Statements, Value
from infrastructure.sqlite.view_writes import ViewWrite


class ReadTree(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What is the tree over the log, with what is written in the same transaction?"""


WriteRequest = Append | ViewWrite | PastMadeUp | Statements | ReadTree


class NotDone(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """It was not done: for a trouble of the file or the machine, or because of a bug."""

    reason: str
    bug: bool


class Done(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """It was done, and returned this."""

    value: Value


Answer = Appended | Repeated | Refused | Done | NotDone | Rooted


class BatchOutcome(msgspec.Struct, frozen=True, array_like=True):
    """The answers in the order of the works; all of it is on disk, except for failures.

    `doubtful`: a transaction failed on the way, so the file may hold more than was answered.
    """

    answers: Sequence[Answer]
    doubtful: bool


encode = msgspec.msgpack.Encoder().encode
decode_requests = msgspec.msgpack.Decoder(list[WriteRequest]).decode
decode_outcome = msgspec.msgpack.Decoder(BatchOutcome).decode
