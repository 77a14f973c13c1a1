"""What must be so in the end, when nothing has been wrong for a while."""

from collections.abc import Iterable, Iterator

from application.event_log.labs import key_of
from application.ports.audit_records import ActFilter, LifeFilter, Reading
from application.ports.selectors import EVERYTHING
from domain.api_object.key import ApiObjectKind
from domain.lab_instance.observation import Absent, Running
from infrastructure.codec.chain import BrokenChain, verify
from tests.simulation.invariants.lives import Stage
from tests.simulation.invariants.views import api_objects_in
from tests.simulation.players.client import Client
from tests.simulation.players.watcher import WatchingClient
from tests.simulation.world.cluster import Cluster
from tests.simulation.world.network import immediate

_SETTLED = (Stage.NOWHERE, Stage.READY, Stage.FAILED, Stage.GONE)


def unsettled(cluster: Cluster, watchers: Iterable[WatchingClient]) -> list[str]:
    """What has not come to rest yet, in words."""
    return [
        *_labs_under_way(cluster),
        *_runtimes_out_of_place(cluster),
        *_views_behind(cluster),
        *_records_behind(cluster),
        *_copies_behind(cluster, watchers),
    ]


def check_endings(cluster: Cluster, clients: Iterable[Client]) -> None:
    """Everything that is left to be judged once nothing is unsettled."""
    verdicts, log = cluster.verdicts, cluster.log
    for stream in log.streams:
        try:
            verify([stored for stored in log.stored if stored.stream == stream])
        except BrokenChain as broken:
            verdicts.broken("chains are intact", str(broken))
    for client in clients:
        _check_told(cluster, client)


def _check_told(cluster: Cluster, client: Client) -> None:
    for told in client.told:
        if any(told.position > end for end in cluster.lost_after[told.losses :]):
            continue  # the copy that was restored was older than this
        effect = cluster.oracle.effects.get(told.command_id)
        cluster.verdicts.check(
            effect is not None and effect.position == told.position,
            "no acknowledged command is lost",
            f"{client.name} was told that {told.command_id} is at {told.position}",
        )


def _labs_under_way(cluster: Cluster) -> Iterator[str]:
    for stream, life in cluster.oracle.lives.items():
        if life.stage not in _SETTLED:
            yield f"{key_of(stream)} is {life.stage.value}"


def _runtimes_out_of_place(cluster: Cluster) -> Iterator[str]:
    """What runs is what should run, and files are of labs that are there."""
    lives = {life.uid: life for life in cluster.oracle.lives.values() if life.uid}
    for life in lives.values():
        seen = cluster.machine.see(life.uid)
        runs = isinstance(seen, Running) and seen.revision == life.revision
        if runs is not (life.stage is Stage.READY):
            yield f"lab uid {life.uid} is {life.stage.value} and its runtime {seen}"
    known = {uid for life in cluster.oracle.lives.values() for uid in life.uids}
    for uid in cluster.machine.directories:
        owner = lives.get(uid)
        if uid in known and (owner is None or owner.stage is Stage.GONE):
            yield f"something of lab uid {uid} is left"
    for runtime in cluster.machine.runtimes:
        if runtime.uid not in lives and runtime.observation != Absent():
            yield f"{runtime.uid} runs and no lab owns it"


def _views_behind(cluster: Cluster) -> Iterator[str]:
    page = immediate(cluster.read_model.find(EVERYTHING, after=None, limit=10_000))
    views = {view.lab.key: view for view in page.views}
    right = cluster.folds.all_at(cluster.log.head)
    for key in sorted({*views, *right}):
        if views.get(key) != right.get(key):
            yield f"the view of {key} is not what the log tells"
    found = {
        view.api_object.key: view
        for kind in ApiObjectKind
        for view in immediate(cluster.api_objects.find(kind, namespace=None))
    }
    if found != api_objects_in(cluster.log.recorded):
        yield "the views of the objects are not what the log tells"
    if page.position != cluster.log.head:
        yield f"the views are at {page.position}, the log at {cluster.log.head}"


def _records_behind(cluster: Cluster) -> Iterator[str]:
    """The audit's records tell every event once, and each life that the log tells."""
    everything = Reading(newest_first=False, limit=1_000_000)
    acts = immediate(cluster.audit_records.acts(ActFilter(), everything))
    if [act.id for act in acts] != [str(one.id) for one in cluster.log.recorded]:
        yield "the acts are not the events of the log"
    alive = immediate(cluster.audit_records.lives(LifeFilter(alive=True), everything))
    right = {view.lab.uid for view in cluster.folds.all_at(cluster.log.head).values()}
    if {life.uid for life in alive} != right:
        yield "the lives that go on are not those of the labs that are there"


def _copies_behind(cluster: Cluster, watchers: Iterable[WatchingClient]) -> Iterator[str]:
    right = cluster.folds.all_at(cluster.log.head)
    for watcher in watchers:
        if watcher.copy != right:
            yield f"{watcher.name} has not heard of everything"
