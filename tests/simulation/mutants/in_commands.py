"""Mistakes in how commands are carried out."""

import asyncio
from typing import Any

from application.commands.conflict_retry import decide_again_on_conflict
from application.commands.lab_handler import LabInstanceCommandHandler
from application.event_log.derived import Reread, reread
from application.event_log.freshness import Freshness
from application.event_log.labs import LABS
from application.event_log.loading import Loaded, load
from application.mediator.mediator import CommandOutcome
from application.ports.event_store import StreamConflict
from tests.simulation.mutants.mutant import Mutant, function, method


def _unchecked(original: Any) -> Any:
    async def _append(self: Any, loaded: Any, command: Any, facts: Any, context: Any) -> Any:
        try:
            return await original(self, loaded, command, facts, context)
        except StreamConflict:
            now = await load(LABS, self._store, command.lab)
            overwritten = Loaded(view=loaded.view, last=now.last)
            return await original(self, overwritten, command, facts, context)

    return _append


def _early(original: Any) -> Any:
    async def _append(self: Any, loaded: Any, command: Any, facts: Any, context: Any) -> Any:
        append = original(self, loaded, command, facts, context)
        asyncio.get_running_loop().create_task(append)
        position = (loaded.last.position if loaded.last else 0) + 1
        return CommandOutcome(view=loaded.view, position=position, changed=True)

    return _append


def _tried_once(original: Any) -> Any:
    async def once(command: Any, context: Any, handle: Any) -> Any:
        return await handle(command, context)

    return once


def _unrecognised(original: Any) -> Any:
    async def blind(category: Any, store: Any, views: Any, key: Any, command_id: Any) -> Any:
        read = await original(category, store, views, key, command_id)
        return Reread(now=read.now, earlier=None)

    return blind


def _read_twice(original: Any) -> Any:
    async def twice(category: Any, store: Any, views: Any, key: Any, command_id: Any) -> Any:
        earlier = (await original(category, store, views, key, command_id)).earlier
        return Reread(now=await load(category, store, key), earlier=earlier)

    return twice


def _impatient(original: Any) -> Any:
    async def caught_up(self: Any, latest: Any) -> int:
        return int(self._projected.position)

    return caught_up


IN_COMMANDS = {
    "version-check-skipped": Mutant(
        mistake="who lost a race writes over the winner",
        apply=method(LabInstanceCommandHandler, "_append", _unchecked),
    ),
    "acknowledged-early": Mutant(
        mistake="the answer is given while the append is on its way",
        apply=method(LabInstanceCommandHandler, "_append", _early),
    ),
    "conflict-not-retried": Mutant(
        mistake="who lost a race is told so instead of being decided again",
        apply=function(decide_again_on_conflict, _tried_once),
    ),
    "repeat-not-recognised": Mutant(
        mistake="a command that was carried out before is carried out again",
        apply=function(reread, _unrecognised),
    ),
    "judged-by-two-readings": Mutant(
        mistake="what was before is read first, what is now is read later",
        apply=function(reread, _read_twice),
    ),
    "reads-do-not-wait": Mutant(
        mistake="a question about now is answered by views that lack what was just written",
        apply=method(Freshness, "caught_up", _impatient),
    ),
}
