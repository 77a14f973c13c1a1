"""The views as the reconciler asks for them: with the labs that this replica looks after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from application.ports.read_model import ReadModel
from application.ports.views import LabInstanceView
from application.replicas.own_labs import OwnLabs


@dataclass(frozen=True, slots=True)
class OwnViews:
    """All views, and whose the labs are."""

    all: ReadModel
    own: OwnLabs

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        """As the read model's, of this replica's labs: about `limit` of them, or all."""
        part = self.own.part
        if not part:
            return ()
        found = await self.all.due(now, limit=ceil(limit / part))
        return [view for view in found if self.own.ours(view.lab.uid)]
