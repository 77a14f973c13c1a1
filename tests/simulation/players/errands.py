"""What clients ask of labs: one command each, made for what they saw last."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

from application.mediator.mediator import Command
from application.ports.views import LabInstanceView
from domain.api_object.commands import DeclareApiObject, RemoveApiObject
from domain.api_object.decide import DEFAULT_NAMESPACE
from domain.api_object.key import namespace_key
from domain.lab_instance.commands import (
    AbandonLabInstance,
    ChangeLabInstance,
    CreateLabInstance,
    DeleteLabInstance,
    ExtendLabInstance,
    GrantAccess,
    RemarkOnLabInstance,
    ReportStatus,
    RestartLabInstance,
    RetryLabInstance,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from domain.precondition import ANY, Precondition
from tests.simulation.engine.chance import SimulatedRandomness

GUARD = "simulation.example/guard"
_LONGEST = timedelta(hours=8)

Errand = Callable[[LabKey, LabInstanceView | None, Random], Command | None]


def _create(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command:
    return CreateLabInstance(
        lab=key,
        uid=SimulatedRandomness(chance).uid(),
        spec=LabInstanceSpec(
            template="python-basics",
            duration=chance.choice(("5s", "15s", "1h")),
            student_email="ann@example.org",
            environment={},
        ),
        labels={},
        annotations={},
        finalizers=chance.choice(((), (), (GUARD,))),
        managers=(),
    )


def _delete(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command:
    wanted = ANY
    if seen is not None and chance.random() < 0.5:
        wanted = Precondition(uid=seen.lab.uid, resource_version=None)
    return DeleteLabInstance(lab=key, reason="user", precondition=wanted)


def _change(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command | None:
    if seen is None:
        return None
    lab = seen.lab
    environment = {"ROUND": str(chance.randrange(3))} if chance.random() < 0.4 else {}
    return ChangeLabInstance(
        lab=key,
        spec=replace(lab.spec, environment=environment),
        labels={"round": str(chance.randrange(100))},
        annotations=lab.annotations,
        finalizers=lab.finalizers,
        managers=lab.managers,
        precondition=Precondition(uid=lab.uid, resource_version=seen.resource_version),
    )


def unguard(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command | None:
    """Take the finalizer away from a lab that goes."""
    if seen is None or seen.lab.deletion_requested_at is None or not seen.lab.finalizers:
        return None
    lab = seen.lab
    return ChangeLabInstance(
        lab=key,
        spec=lab.spec,
        labels=lab.labels,
        annotations=lab.annotations,
        finalizers=(),
        managers=lab.managers,
        precondition=Precondition(uid=lab.uid, resource_version=None),
    )


def _remark(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command:
    return RemarkOnLabInstance(
        lab=key,
        name="noticed",
        reason="Noticed",
        message="somebody looked",
        warning=False,
        reporter="simulation",
        count=chance.randrange(1, 100),
    )


def _report(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command:
    reported = {"grade": str(chance.randrange(100))}
    return ReportStatus(lab=key, reported=reported, managers=(), precondition=ANY)


def declare(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command:
    return DeclareApiObject(
        key=namespace_key(key.namespace),
        uid=SimulatedRandomness(chance).uid(),
        labels={},
        annotations={},
        finalizers=(),
        content={},
        managers=(),
    )


def _remove(key: LabKey, seen: LabInstanceView | None, chance: Random) -> Command | None:
    if key.namespace == DEFAULT_NAMESPACE:
        return None
    return RemoveApiObject(key=namespace_key(key.namespace), reason="user", precondition=ANY)


ERRANDS: Mapping[Errand, int] = {
    _create: 30,
    _delete: 16,
    _change: 12,
    unguard: 10,
    _remark: 3,
    _report: 6,
    declare: 10,
    _remove: 3,
    lambda key, seen, chance: ExtendLabInstance(
        lab=key, by=timedelta(seconds=5), maximum=_LONGEST
    ): 3,
    lambda key, seen, chance: RestartLabInstance(lab=key): 6,
    lambda key, seen, chance: RetryLabInstance(lab=key): 6,
    lambda key, seen, chance: GrantAccess(lab=key): 3,
    lambda key, seen, chance: AbandonLabInstance(lab=key): 1,
}
"""Each with its weight."""
