"""`verify` where a server keeps the history."""

from contextlib import aclosing

from application.projections.reporting import Report
from infrastructure.codec.proof import Proof
from infrastructure.codec.raw_log import RawLog
from infrastructure.kurrentdb.raw_log import open_raw_log
from infrastructure.settings import Settings
from infrastructure.system_clock import SystemClock
from infrastructure.upkeep.troubles import one_line


async def verify_server(settings: Settings, report: Report) -> Proof:
    """Prove the history in the configured event store, beside running services if need be, up
    to where the log ends at the start. `report` is called with the position reached and the
    last one. Raises Unusable, and BrokenChain or UndecodableEvent at what is not as it was
    written."""
    with one_line():
        async with open_raw_log(settings.event_store, clock=SystemClock()) as log:
            return await _proven(log, report)


async def _proven(log: RawLog, report: Report) -> Proof:
    proof, end = Proof(), await log.end()
    async with aclosing(log.read(after=0)) as events:
        async for stored in events:
            if stored.position > end:
                break
            proof.add(stored)
            report(stored.position, end)
    return proof
