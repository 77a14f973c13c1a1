"""Old versions of stored events, brought forward. One step each; steps are never removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcaster:
    """How data stored under an old name reads under the `becomes` name."""

    becomes: str
    upcast: Callable[[Data], Data]


def _became_ready_v2(data: Data) -> Data:
    """Version 1 knew one runtime for each lab, and nothing of how it was confined."""
    return {**data, "revision": 1, "isolation": "unknown"}


UPCASTERS: Mapping[str, Upcaster] = {
    "lab-instance.became-ready.v1": Upcaster(
        becomes="lab-instance.became-ready.v2", upcast=_became_ready_v2
    ),
}
