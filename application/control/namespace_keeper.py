"""Keeps the namespaces: declares those that must be there, and empties those that go."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from application.commands.open_namespaces import OpenNamespaces
from application.control.emptying import Emptying
from application.mediator.mediator import Mediator
from application.mediator.object_questions import ListApiObjects
from application.mediator.questions import NOW, ListLabInstances, ResourceVersionTooLarge
from application.mediator.sender import CommandSender
from application.ports.clock import Clock
from application.ports.event_store import StreamConflict
from application.ports.objects import ApiObjects
from application.ports.outages import OUTAGES
from application.ports.read_model import UnreadableView
from application.ports.selectors import EVERYTHING
from domain.api_object.api_object import ApiObject
from domain.api_object.commands import DeclareApiObject, RemoveApiObject
from domain.api_object.decide import DEFAULT_NAMESPACE
from domain.api_object.errors import ApiObjectAlreadyExists, ApiObjectNotFound
from domain.api_object.key import ApiObjectKind, namespace_key
from domain.lab_instance.key import LabKey
from domain.precondition import ANY

log = logging.getLogger(__name__)

EVENTS_LAST = timedelta(hours=1)
_EXPIRED_AT_ONCE = 500
_AFTER_EVERY_NAME = "~"
_PASSING = (*OUTAGES, ResourceVersionTooLarge, StreamConflict)


class NamespaceKeeper:
    """Makes a pass every `interval` seconds. All it knows is in the log, so a pass that the
    process did not survive is made again by the next.

    A namespace is also declared for labs that an older release created without one. Events
    are removed an hour after their last change, as Kubernetes does; the log keeps them.
    """

    def __init__(
        self,
        mediator: Mediator,
        api_objects: ApiObjects,
        clock: Clock,
        sender: CommandSender,
        *,
        namespaces: OpenNamespaces,
        interval: float,
    ) -> None:
        self._mediator = mediator
        self._api_objects = api_objects
        self._clock = clock
        self._sender = sender
        self._emptying = Emptying(mediator, sender)
        self._namespaces = namespaces
        self._interval = interval
        self._declared = False
        self._emptied = -1

    async def run(self) -> None:
        """Make passes until cancelled."""
        while True:
            await self.make_pass()
            await asyncio.sleep(self._interval)

    async def make_pass(self) -> None:
        """One pass; each part is tried, whatever becomes of the others."""
        if not self._declared:
            await _attempt("declaring", self._declare_what_must_be)
        await _attempt("emptying", self._empty_those_that_go)
        await _attempt("expiring", self._expire_events)

    async def _declare_what_must_be(self) -> None:
        await self._declare(DEFAULT_NAMESPACE)
        after: LabKey | None = None
        moment = NOW
        while True:
            question = ListLabInstances(wanted=EVERYTHING, moment=moment, after=after, limit=1)
            page = await self._mediator.ask(question)
            if not page.views:
                break
            namespace = page.views[0].lab.key.namespace
            await self._declare(namespace)
            after = LabKey(namespace, _AFTER_EVERY_NAME)
        self._declared = True

    async def _declare(self, namespace: str) -> None:
        key = namespace_key(namespace)
        try:
            if await self._api_objects.get(key) is not None:
                return
        except UnreadableView:
            return  # it is there
        command = DeclareApiObject(
            key=key,
            uid=self._sender.new_uid(),
            labels={},
            annotations={},
            finalizers=(),
            content={},
            managers=(),
        )
        try:
            await self._sender.send_to_object(command)
        except ApiObjectAlreadyExists:
            return  # another replica was faster

    async def _empty_those_that_go(self) -> None:
        closings = self._namespaces.closings
        if closings == self._emptied:
            return  # none has begun to go since none was left that did
        going = await self._those_that_go()
        for namespace in going:
            await self._emptying.go_on_with(namespace)
        if not going:
            self._emptied = closings

    async def _those_that_go(self) -> Sequence[ApiObject]:
        moment = NOW
        question = ListApiObjects(kind=ApiObjectKind.NAMESPACE, namespace=None, moment=moment)
        api_objects = [view.api_object for view in (await self._mediator.ask(question)).views]
        return [each for each in api_objects if each.removal_requested_at is not None]

    async def _expire_events(self) -> None:
        since = self._clock.now() - EVENTS_LAST
        old = await self._api_objects.unchanged_since(
            ApiObjectKind.EVENT, since, limit=_EXPIRED_AT_ONCE
        )
        for view in old:
            command = RemoveApiObject(key=view.api_object.key, reason="expired", precondition=ANY)
            try:
                await self._sender.send_to_object(command)
            except ApiObjectNotFound:
                continue  # somebody removed it meanwhile


async def _attempt(part: str, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except _PASSING as error:
        extra = {"part": part, "error": str(error)}
        log.warning("a part of keeping the namespaces was left out", extra=extra)
    except Exception:
        log.exception("a part of keeping the namespaces failed", extra={"part": part})
