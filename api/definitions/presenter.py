"""The presenter of the definition of labs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import DEFINITIONS
from api.kubernetes.tables import Column


class DefinitionPresenter:
    """Presents definitions as documents and rows."""

    kind = DEFINITIONS
    columns = (
        Column("Name", "The definition's name."),
        Column("Created At", "Since when it is in force.", type="date"),
    )

    def document(self, item: Mapping[str, Any]) -> Any:
        """The definition."""
        return item

    def metadata(self, item: Mapping[str, Any]) -> Any:
        """Its metadata."""
        return item["metadata"]

    def version(self, item: Mapping[str, Any]) -> str:
        """It has but one."""
        return str(item["metadata"]["resourceVersion"])

    def cells(self, item: Mapping[str, Any], _now: datetime) -> Sequence[Any]:
        """Its row."""
        return [item["metadata"]["name"], item["metadata"]["creationTimestamp"]]
