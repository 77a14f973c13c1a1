"""A provisioner whose runtimes exist only as numbers; it keeps the port's whole contract.

Readiness follows from the start time, so a thousand labs cost no task and no thread.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

from application.ports.clock import Randomness
from application.ports.provisioner import (
    Health,
    ProvisionerError,
    Runtime,
    RuntimeNotFound,
    RuntimeRequest,
    SetAside,
)
from application.structures.pieces import in_pieces
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from infrastructure.exit_hints import ExitHints
from infrastructure.simulated.faults import Faults
from infrastructure.simulated.journal import Journal, SimulatedRuntime

_ISOLATION = "simulated"
_AT_ONCE = 200


class SimulatedRuntimeSurvives(ProvisionerError):
    """A runtime was set to survive its termination."""

    def __init__(self, uid: str) -> None:
        super().__init__(f"the simulated runtime of {uid!r} survives its termination")


class SimulatedProvisioner:
    """Each runtime is ready `delay` seconds after its start, or ends then instead, with a
    chance of `failure_rate`.

    `state_file`: where runtimes are remembered, so that they outlive this process.
    `shared`: whether several replicas use this very object. `faults` are the troubles to
    suffer; `terminated` and `aside` the uids for which that succeeded, in order.
    """

    name = "simulated"

    def __init__(
        self,
        *,
        delay: float,
        failure_rate: float,
        randomness: Randomness,
        state_file: Path | None = None,
        shared: bool = False,
    ) -> None:
        self.faults = Faults()
        self.terminated: list[str] = []
        self.aside: list[str] = []
        self.shared = shared
        self._delay = delay
        self._failure_rate = failure_rate
        self._randomness = randomness
        self._journal = Journal(state_file)
        self._runtimes = self._journal.load()
        self._exits = ExitHints()

    async def ensure(self, request: RuntimeRequest) -> None:
        """Note the start; what comes of it is decided here and seen later."""
        await self.faults.strike()
        if self.faults.refusal is not None:
            raise self.faults.refusal
        known = self._runtimes.get(request.uid)
        if known is not None and not known.stopped and known.revision >= request.revision:
            goes_on = isinstance(self._seen(known), Starting | Running)
            if goes_on or known.revision > request.revision:
                return
        starts = dict(known.starts) if known is not None else {}
        starts[request.revision] = starts.get(request.revision, 0) + 1
        unlucky = self._randomness.fraction() < self._failure_rate
        fails = unlucky or request.lab in self.faults.doomed
        self._start(request, fails=fails, starts=starts)

    async def observe(self, uid: str) -> Observation:
        """What the clock and the script make of the runtime."""
        await self.faults.strike()
        known = self._runtimes.get(uid)
        return Absent() if known is None else self._seen(known)

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        """Every runtime that is remembered."""
        await self.faults.strike()
        uids = self._runtimes if only is None else filter(self._runtimes.__contains__, only)
        listed: list[Runtime] = []
        async for known in in_pieces([self._runtimes[uid] for uid in uids], size=_AT_ONCE):
            seen = self._seen(known)
            listed.append(
                Runtime(lab=known.lab, uid=known.uid, observation=seen, position=known.position)
            )
        return tuple(listed)

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        """Forget the runtime, or keep it as stopped."""
        await self.faults.strike()
        if uid in self.faults.survivors:
            raise SimulatedRuntimeSurvives(uid)
        known = self._runtimes.get(uid)
        if known is None:
            return "there was nothing to remove: no simulated runtime of this lab was known"
        if keep_files:
            known.stopped = True
            self._journal.write(uid, known)
        else:
            self._forget(uid)
        self.terminated.append(uid)
        return f"simulated runtime {known.revision} was removed; nothing of it is remembered"

    async def set_aside(self, uid: str) -> SetAside:
        """Forget the runtime, and remember that it was set aside; there are no files to keep."""
        await self.faults.strike()
        if uid in self.faults.survivors:
            raise SimulatedRuntimeSurvives(uid)
        if uid not in self._runtimes:
            nothing = "there was nothing to set aside: no simulated runtime of this lab was known"
            return SetAside(proof=nothing, place="")
        self._forget(uid)
        self.aside.append(uid)
        proof = "the simulated runtime was ended; a simulated runtime has no files to keep"
        return SetAside(proof=proof, place="")

    async def clear_aside(self) -> None:
        """There are no files."""
        await self.faults.strike()

    async def logs(self, uid: str, *, tail: int) -> str:
        """One line that says what is simulated."""
        await self.faults.strike()
        known = self._runtimes.get(uid)
        if known is None:
            raise RuntimeNotFound(uid)
        lines = [f"simulated runtime {known.revision} started", *filter(None, [known.message])]
        return "".join(f"{line}\n" for line in lines[len(lines) - min(tail, len(lines)) :])

    async def access(self, uid: str) -> str:
        """A link that leads nowhere."""
        await self.faults.strike()
        if uid not in self._runtimes or self._runtimes[uid].stopped:
            raise RuntimeNotFound(uid)
        return f"{_endpoint(uid)}?token=simulated"

    async def probe(self) -> Health:
        """Healthy, unless an outage is switched on."""
        await self.faults.strike()
        return Health(isolation=_ISOLATION, message="labs are simulated: nothing runs")

    def exits(self) -> AsyncIterator[str]:
        """The uids that `kill` was called for."""
        return self._exits

    async def close(self) -> None:
        """Close the state file."""
        self._journal.close()

    def starts(self, uid: str, revision: int) -> int:
        """How often that revision was started since the lab was last removed."""
        known = self._runtimes.get(uid)
        return 0 if known is None else known.starts.get(revision, 0)

    def kill(self, uid: str) -> None:
        """Let the runtime die as a process dies."""
        known = self._runtimes[uid]
        known.reason = "ProcessGone"
        known.message = "the simulated process was killed"
        self._journal.write(uid, known)
        self._exits.add(uid)

    def plant(self, lab: LabKey, uid: str, *, position: int = 0) -> None:
        """Let a runtime exist that no lab asked for."""
        request = RuntimeRequest(
            lab=lab, uid=uid, revision=1, template="", environment={}, position=position
        )
        self._start(request, fails=False, starts={1: 1})

    def _start(self, request: RuntimeRequest, *, fails: bool, starts: dict[int, int]) -> None:
        runtime = SimulatedRuntime(
            lab=request.lab,
            uid=request.uid,
            revision=request.revision,
            ready_at=_now() + self.faults.delays.get(request.lab, self._delay),
            fails=fails,
            starts=starts,
            position=request.position,
        )
        self._runtimes[request.uid] = runtime
        self._journal.write(request.uid, runtime)

    def _forget(self, uid: str) -> None:
        del self._runtimes[uid]
        self._journal.write(uid, None)

    def _seen(self, known: SimulatedRuntime) -> Observation:
        if known.stopped:
            return Absent()
        if known.reason:
            return Ended(revision=known.revision, reason=known.reason, message=known.message)
        # A machine that restarted counts its time anew: no wait is longer than the delay.
        delay = self.faults.delays.get(known.lab, self._delay)
        known.ready_at = min(known.ready_at, _now() + delay)
        if _now() < known.ready_at:
            return Starting(revision=known.revision)
        if known.fails:
            return Ended(
                revision=known.revision,
                reason="ProcessExited",
                message="the simulated start failed",
            )
        return Running(
            revision=known.revision, endpoint=_endpoint(known.uid), isolation=_ISOLATION
        )


def _endpoint(uid: str) -> str:
    return f"http://{uid}.simulated.invalid/"


def _now() -> float:
    return asyncio.get_running_loop().time()
