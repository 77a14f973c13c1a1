"""What a subscription delivers while the log grows. No wire."""

import asyncio
from uuid import UUID

from kurrentdbclient.protos.v1 import shared_pb2, streams_pb2

from tests.contracts.given import SettableClock
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.faults import Faults
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.records import ANY, Proposed
from tests.kurrentdb_server.subscription import LogSubscription


def _event(number: int) -> Proposed:
    return Proposed(
        id=UUID(int=number), type="happened", content_type="", data=b"{}", metadata=b""
    )


async def test_an_event_appended_while_another_is_sent_is_delivered_without_a_third() -> None:
    log = Log(SettableClock())
    everything = streams_pb2.ReadReq.Options.AllOptions(start=shared_pb2.Empty())
    options = streams_pb2.ReadReq.Options(all=everything, no_filter=shared_pb2.Empty())
    subscription = LogSubscription(log, options, Faults(), Edition.V24_2).messages()
    while not (await anext(subscription)).HasField("caught_up"):
        pass
    log.append("s", ANY, [_event(1)])
    await anext(subscription)
    log.append("s", ANY, [_event(2)])
    async with asyncio.timeout(5):
        delivered = await anext(subscription)
    assert delivered.event.event.id.string == str(UUID(int=2))
