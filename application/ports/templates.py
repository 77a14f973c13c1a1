"""The catalogue of lab templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A kind of lab. `unavailable` says why it cannot be used here; empty when it can."""

    name: str
    title: str
    default_duration: str
    maximum_duration: timedelta
    unavailable: str


class TemplateCatalog(Protocol):
    """The templates of this service; fixed while it runs."""

    def get(self, name: str) -> Template | None:
        """The template of that name, available or not."""

    def all(self) -> Sequence[Template]:
        """Every template, by name, the unavailable ones with their reason."""
