"""How the reconciler corrects: by commands and notifications, each counted by its kind."""

from collections.abc import Awaitable, Callable

from application.control.observer import ControlObserver
from application.control.pass_troubles import PassTroubles
from application.mediator.notifications import LabInstanceChanged, OrphanFound
from application.mediator.sender import CommandSender
from application.ports.provisioner import Runtime
from application.ports.views import LabInstanceView
from domain.lab_instance.commands import LabInstanceCommand

Publish = Callable[[LabInstanceChanged | OrphanFound], Awaitable[None]]


class Corrections:
    """Sends, wakes and reports; counts what had an effect. `troubles` keeps what had none."""

    def __init__(
        self,
        sender: CommandSender,
        publish: Publish,
        *,
        observer: ControlObserver,
        troubles: PassTroubles,
    ) -> None:
        self.troubles = troubles
        self._sender = sender
        self._publish = publish
        self._observer = observer

    async def send(self, view: LabInstanceView, command: LabInstanceCommand) -> None:
        """Send a command about the lab. Raises what the mediator raises."""
        outcome = await self._sender.send(command, cause=None, story=view.lab.uid)
        if outcome.changed:
            self._observer.corrected(type(command).__name__)

    async def wake(self, view: LabInstanceView) -> None:
        """Have a controller look at the lab."""
        changed = LabInstanceChanged(
            key=view.lab.key, position=view.resource_version, created=None
        )
        await self._publish(changed)

    async def report_orphan(self, runtime: Runtime) -> None:
        """Publish that a runtime has no owner."""
        await self._publish(OrphanFound(lab=runtime.lab, uid=runtime.uid))
        self._observer.corrected(OrphanFound.__name__)
