"""Listens to the provisioner's hints about runtimes that ended by themselves, so that a lab
is repaired before the reconciler would have found it."""

from application.control.work_queue import WorkQueue
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel


class RuntimeExits:
    """Enqueues the lab of every runtime hinted at. Hints may be false or missing: the
    controller looks for itself, and the reconciler finds what was missed."""

    def __init__(self, provisioner: Provisioner, read_model: ReadModel, queue: WorkQueue) -> None:
        self._provisioner = provisioner
        self._read_model = read_model
        self._queue = queue

    async def run(self) -> None:
        """Listen until cancelled."""
        async for uid in self._provisioner.exits():
            view = (await self._read_model.owned([uid])).get(uid)
            if view is not None:
                self._queue.add(view.lab.key)
