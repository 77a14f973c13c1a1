"""The stores that scenarios run on, and which scenarios run on the embedded ones only, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EMBEDDED = "embedded"
SERVERS = "servers"

ON_EMBEDDED_STORES_ONLY: Mapping[str, str] = {
    "test_audit": "a tree is kept where the log is embedded",
    "test_troubled_disks": "the disk is the service's own where the stores are embedded",
    "test_refused_starts": "the data directory and its lock are the same with any store",
    "test_event_store_away": "it names its own servers, which go away",
    "test_read_model_away": "it names its own server, which goes away",
    "test_other_stores": "it names its own stores",
    "test_rebuild": "it names its own stores",
    "test_copy": "it names its own stores",
    "test_replicas": "replicas need servers, and it names them",
    "test_the_history_is_proven_beside_the_service_and_a_change_of_it_is_found": (
        "the file is changed by hand, and no server lets its history be changed"
    ),
    "test_the_metrics_that_operators_are_told_of_move": "it counts what one known log holds",
    "test_the_example_everybody_starts_with_opens_a_notebook": "a notebook knows no store",
    "test_a_runtime_unknown_to_the_log_is_discarded_and_recorded": "it loses the log's file",
}
"""Modules and tests by name, each with its reason; every other scenario runs on both."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """What the service is told about its stores. `embedded`: they are files of its own."""

    embedded: bool
    variables: Mapping[str, str] = field(default_factory=dict)


def kinds_for(module: str, test: str) -> tuple[str, ...]:
    """The kinds of stores that a scenario runs on."""
    alone = {module.rpartition(".")[2], test} & ON_EMBEDDED_STORES_ONLY.keys()
    return (EMBEDDED,) if alone else (EMBEDDED, SERVERS)
