"""What a new process must know before its loops start, asked from the read model."""

from application.control.permits import Permits
from application.control.work_queue import WorkQueue
from application.ports.read_model import ReadModel
from domain.lab_instance.key import LabKey

_PAGE = 500


async def recover(read_model: ReadModel, queue: WorkQueue, permits: Permits) -> int:
    """Enqueue every unsettled lab and count the attempts under way as permits in use.

    Returns a position: all that happened up to it is covered, what came after is the
    watcher's. Raises ReadModelUnavailable; a repeat does no harm.
    """
    position = await read_model.position()
    after: LabKey | None = None
    while True:
        page = await read_model.unsettled(after=after, limit=_PAGE)
        for view in page.views:
            after = view.lab.key
            if view.lab.attempt_deadline is not None:
                permits.hold(after)
            queue.add(after)
        if not page.more or not page.views:
            return position
