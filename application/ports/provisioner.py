"""The hands: what makes labs run and takes them away."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeRequest:
    """The runtime that shall exist. `revision` counts the runtimes one lab has had; a request
    with a higher one replaces what runs. `position`: of the event it is brought up for, to be
    written down beside it."""

    lab: LabKey
    uid: str
    revision: int
    template: str
    environment: Mapping[str, str]
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One runtime that the provisioner knows of. `lab` is what this service has written down of
    it, never what the runtime says of itself; its name is empty where nothing is written.
    `position`: as it was written down; 0 where it was not."""

    lab: LabKey
    uid: str
    observation: Observation
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the provisioner is. `isolation` names the level at which labs are confined;
    `message` says what a weaker level means, and is empty when all is well. `exposed`: whether
    labs could do what they must not. `full`: whether none is started for want of room."""

    isolation: str
    message: str
    exposed: bool = False
    full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """How something unknown was set aside. `proof`: that nothing of it runs, and where its files
    are kept, in words. `place`: where exactly; empty when there were no files."""

    proof: str
    place: str


class ProvisionerError(Exception):
    """The provisioner could not do what was asked."""


class ProvisionerUnavailable(ProvisionerError):
    """The provisioner itself is out of service; no lab is to blame. Trouble with one lab is
    never reported so: it would hold up all the others. `word` names it on labs that wait."""

    word = "ProvisionerUnavailable"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the provisioner is unavailable: {reason}")


class NoRoomToStart(ProvisionerUnavailable):
    """No runtime is started as long as there is so little room on the disk, whichever lab it is
    for; everything else works. Only `ensure` raises it."""

    word = "NoRoomToStart"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        ProvisionerError.__init__(self, f"no lab is started: {reason}")


class RuntimeRefused(ProvisionerError):
    """This one runtime cannot be brought up. `permanent` when trying again cannot help."""

    def __init__(self, reason: str, message: str, *, permanent: bool) -> None:
        self.reason = reason
        self.message = message
        self.permanent = permanent
        super().__init__(f"{reason}: {message}")


class RuntimeNotFound(ProvisionerError):
    """The provisioner knows no runtime of that uid."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        super().__init__(f"no runtime of lab uid {uid!r}")


class Provisioner(Protocol):
    """Runs labs. Every method is idempotent and may raise ProvisionerUnavailable.

    Callers put a time limit on every call; a cancelled call leaves nothing that a repeat,
    or `terminate`, does not take up. Runtimes outlive the process that started them and
    are known again to the next one.

    `shared`: whether every replica of the service reaches the same runtimes. Where it is not
    so, only those that were started here are seen, and `Absent` says nothing about others.
    """

    name: str
    shared: bool

    async def ensure(self, request: RuntimeRequest) -> None:
        """Begin to bring up the runtime; readiness is seen by `observe`. Returns soon.

        The same revision running or starting already: nothing happens. An older revision
        is stopped first, wholly; its work directory is kept for the new one. A revision
        that has ended is started afresh. Raises RuntimeRefused.
        """

    async def observe(self, uid: str) -> Observation:
        """What is there now."""

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        """Every runtime of this service, whoever owns it, ended ones included; `only` those of
        these uids where they are given, which costs in proportion to their number."""

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        """Stop the runtime's whole process tree and return what proves its absence, in
        words. The work directory and the logs are removed too, unless `keep_files`: then
        they stay, `logs` goes on answering and `list` goes on naming the runtime, as
        Absent. Nothing there, after a look: the proof says so. Raises ProvisionerError when
        something survives, and within seconds when the files are not gone yet: a repeat goes
        on, and `list` names the runtime until nothing is left."""

    async def set_aside(self, uid: str) -> SetAside:
        """As `terminate`, but destroys nothing: the work directory and the logs move, in one
        step, to a place of their own, where they are kept for the retention. `list` names the
        runtime no more. Nothing there, after a look: the proof says so."""

    async def clear_aside(self) -> None:
        """Go on removing what was set aside longer ago than the retention. Returns within
        seconds, whatever is left to do; trouble with one thing is logged and stops no other."""

    async def logs(self, uid: str, *, tail: int) -> str:
        """The last `tail` lines the runtime wrote. Raises RuntimeNotFound."""

    async def access(self, uid: str) -> str:
        """The link that opens the running lab, with its secret token. Raises
        RuntimeNotFound. The link is for the person who asked, and nowhere else."""

    async def probe(self) -> Health:
        """Whether the provisioner can work at all."""

    def exits(self) -> AsyncIterator[str]:
        """Uids of runtimes that ended by themselves, as soon as it is known, for ever. A hint
        only: some are missed and some are false, `observe` has the truth. One reader."""

    async def close(self) -> None:
        """Let go of what this process holds; every runtime goes on running."""
