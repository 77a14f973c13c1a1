"""Which events an export is about, as a person names them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.lab_instance.key import LabKey
from infrastructure.unusable import Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for: one lab, or the labs of a namespace, or all events from a time on."""

    lab: LabKey | None = None
    namespace: str = ""
    since: datetime | None = None

    @property
    def about(self) -> dict[str, Any]:
        """As the bundle says it."""
        if self.lab:
            return {"lab": f"{self.lab.namespace}/{self.lab.name}"}
        if self.since:
            return {"since": self.since.isoformat()}
        return {"namespace": self.namespace}


def selection_by(*, lab: str, namespace: str, since: str) -> Selection:
    """What a person names; one of the three. Raises Unusable."""
    if sum(map(bool, (lab, namespace, since))) != 1:
        raise Unusable("say one of --lab NAMESPACE/NAME, --namespace NAME and --since TIME")
    if lab:
        inside, _, name = lab.partition("/")
        if not inside or not name:
            raise Unusable(f"--lab {lab[:80]!r}: must be NAMESPACE/NAME")
        return Selection(lab=LabKey(inside, name))
    if namespace:
        return Selection(namespace=namespace)
    at: datetime | None = None
    with suppress(ValueError):
        at = datetime.fromisoformat(since)
    if at is None or at.tzinfo is None:
        raise Unusable(
            f"--since {since[:80]!r}: must be a time with its zone, such as 2026-01-31T12:00:00Z"
        )
    return Selection(since=at)
