"""`verify` where a server keeps the history."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from application.projections.reporting import Report
from domain.log_tree.checkpoint import origin_by
from domain.log_tree.tree import GrowingTree
from infrastructure.auditing.findings import Findings
from infrastructure.auditing.log_check import LogCheck, Row, Start
from infrastructure.auditing.vouched import Vouched
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.proof import Proof
from infrastructure.codec.raw_log import RawLog
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.kurrentdb.raw_log import open_raw_log
from infrastructure.settings import Settings
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.auditing import Audited, Wanted
from infrastructure.upkeep.troubles import one_line


async def verify_server(settings: Settings, report: Report) -> Proof:
    """Prove the history in the configured event store, beside running services if need be, up
    to where the log ends at the start. `report` is called with the position reached and the
    last one. Raises Unusable, and BrokenChain or UndecodableEvent at what is not as it was
    written."""
    with one_line():
        async with open_raw_log(settings.event_store, clock=SystemClock()) as log:
            return await _proven(log, report)


async def audit_server(settings: Settings, wanted: Wanted, report: Report) -> Audited:
    """Look through the history in the configured event store as `audit_file` does, where its
    positions have gaps and its views are elsewhere. Raises Unusable."""
    if wanted.since is not None:
        raise Unusable("--since is for the embedded log: of a server's, all is looked through")
    findings = Findings()
    start = Start(tree=GrowingTree(), position=0, recorded_at=-(2**62))
    check = LogCheck(
        findings, start, gap=lambda before, position: position > before, ordered=False
    )
    vouched, origin = Vouched(findings, wanted.keys, ()), ""
    with one_line():
        async with open_raw_log(settings.event_store, clock=SystemClock()) as log:
            async for stored in _events(log, report):
                check.add(_row(stored))
                if not origin:
                    origin = origin_by(check.tree.root)
                    vouched.expect(wanted.sources, origin, after=0)
                if check.tree.size == vouched.next_size:
                    vouched.hold(check.tree, check.tips)
                check.tree.complete.clear()
    vouched.end(check.tree.size)
    return Audited(
        events=check.events,
        streams=len(check.tips),
        size=check.tree.size,
        position=check.position,
        origin=origin,
        last=vouched.last,
        findings=findings,
    )


def _row(stored: StoredEvent) -> Row:
    at = to_microseconds(stored.recorded_at)
    data, metadata = stored.data.decode(), stored.metadata.decode()
    place = (stored.position, stored.stream, stored.version)
    return (*place, stored.id.bytes, stored.type, data, metadata, at)


async def _proven(log: RawLog, report: Report) -> Proof:
    proof = Proof()
    async for stored in _events(log, report):
        proof.add(stored)
    return proof


async def _events(log: RawLog, report: Report) -> AsyncIterator[StoredEvent]:
    """All up to the end of now."""
    end = await log.end()
    async with aclosing(log.read(after=0)) as events:
        async for stored in events:
            if stored.position > end:
                return
            yield stored
            report(stored.position, end)
