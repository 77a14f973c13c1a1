"""Mistakes in the loops that look after labs."""

from typing import Any

from application.control.deletion_controller import DeletionController
from application.control.drift import DriftSearch
from application.control.due_labs import DueLabs
from application.control.emptying import Emptying
from application.control.ownership import Ownership, ownership_of
from application.control.permits import Permits
from application.control.supervisor import Supervisor
from application.control.takeover import Takeover
from application.control.unknown_runtimes import UnknownRuntimes
from application.control.watcher import Watcher
from application.control.work_queue import WorkQueue
from domain.api_object.commands import CompleteRemoval
from domain.lab_instance.observation import Absent
from domain.lab_instance.steps import Send
from tests.simulation.mutants.mutant import Mutant, function, method, together


def _off(original: Any) -> Any:
    async def correct(self: Any) -> None:
        return

    return correct


WITHOUT_A_NET = method(DueLabs, "correct", _off)
"""Labs that nobody works on are not found after a minute: else that hides what is forgotten."""


def _nothing_enqueued(original: Any) -> Any:
    async def _enqueue(self: Any, keys: Any) -> None:
        return

    return _enqueue


def _seen_once(original: Any) -> Any:
    async def _take_up(self: Any, shards: Any) -> None:
        await original(self, shards)
        self._behind = frozenset()

    return _take_up


def _not_again(original: Any) -> Any:
    def done(self: Any, key: Any) -> None:
        self._again.discard(key)
        self._working.discard(key)

    return done


def _never_retried(original: Any) -> Any:
    def retry(self: Any, key: Any) -> float:
        return 0.0

    return retry


def _kept(original: Any) -> Any:
    def release(self: Any, key: Any) -> None:
        self._queue.discard(key)

    return release


def _assumed_gone(original: Any) -> Any:
    async def _remove(self: Any, lab: Any, cause: Any) -> str:
        return "it will be gone soon"

    return _remove


def _ended(original: Any) -> Any:
    async def ended(store: Any, key: Any, uid: str) -> Ownership:
        return Ownership.ENDED

    return ended


def _at_once(original: Any) -> Any:
    def may_be_set_aside(self: Any, uid: str) -> bool:
        return uid in self._seen

    return may_be_set_aside


def _believed(original: Any) -> Any:
    async def _confirm(self: Any, view: Any) -> None:
        step = self._policy_now.next_step(view.lab, Absent())
        if isinstance(step, Send):
            await self._corrections.send(view, step.command)

    return _confirm


def _given_up(original: Any) -> Any:
    async def _keep_running(self: Any, loop: Any) -> None:
        await self._run(loop)

    return _keep_running


def _from_the_end(original: Any) -> Any:
    async def _follow(self: Any) -> None:
        self.position = max(self.position, await self._store.head())
        self._started = True
        await original(self)

    return _follow


def _removed_at_once(original: Any) -> Any:
    async def go_on_with(self: Any, namespace: Any) -> None:
        await self._sender.send_to_object(CompleteRemoval(key=namespace.key, uid=namespace.uid))

    return go_on_with


IN_CONTROL = {
    "resync-dropped": Mutant(
        mistake="the labs of a shard that is taken over are not looked at",
        apply=together(WITHOUT_A_NET, method(Takeover, "_enqueue", _nothing_enqueued)),
    ),
    "no-second-look": Mutant(
        mistake="what happened while a shard was taken over wakes nobody",
        apply=together(WITHOUT_A_NET, method(Takeover, "_take_up", _seen_once)),
    ),
    "re-adds-forgotten": Mutant(
        mistake="a lab that changes while it is worked on is not looked at again",
        apply=together(WITHOUT_A_NET, method(WorkQueue, "done", _not_again)),
    ),
    "failures-not-retried": Mutant(
        mistake="a lab with which something failed is not tried again",
        apply=together(WITHOUT_A_NET, method(WorkQueue, "retry", _never_retried)),
    ),
    "permits-kept": Mutant(
        mistake="a lab that is up, or gone, holds its permit for ever",
        apply=method(Permits, "release", _kept),
    ),
    "deleted-before-gone": Mutant(
        mistake="a deletion is recorded and what runs is left",
        apply=method(DeletionController, "_remove", _assumed_gone),
    ),
    "sweep-unconfirmed": Mutant(
        mistake="a runtime that the views do not know is removed without asking the log",
        apply=function(ownership_of, _ended),
    ),
    "fuse-removed": Mutant(
        mistake="what the log does not know is set aside though the log may be the one to blame",
        apply=method(UnknownRuntimes, "may_be_set_aside", _at_once),
    ),
    "drift-without-a-look": Mutant(
        mistake="drift is recorded by a list that may be old",
        apply=method(DriftSearch, "_confirm", _believed),
    ),
    "loops-not-restarted": Mutant(
        mistake="a loop that died stays dead",
        apply=method(Supervisor, "_keep_running", _given_up),
    ),
    "watcher-skips": Mutant(
        mistake="after a break the watcher goes on from the end of the log",
        apply=together(WITHOUT_A_NET, method(Watcher, "_follow", _from_the_end)),
    ),
    "namespace-not-emptied": Mutant(
        mistake="a namespace goes while labs are in it",
        apply=method(Emptying, "go_on_with", _removed_at_once),
    ),
}
