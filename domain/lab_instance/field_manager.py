"""Owners of fields: Kubernetes' managed fields, as clients keep them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldManager:
    """The fields that one manager set, by one kind of operation, since `at`.

    `operation`: `Apply` or `Update`. `subresource`: empty, or `status`. `fields`: the set of
    fields as JSON text; what it says is the clients' affair.
    """

    manager: str
    operation: str
    subresource: str
    fields: str
    at: datetime
