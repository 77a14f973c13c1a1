"""Chooses how labs are confined: the strongest level that holds in a trial, and never less than
is demanded. What labs are not protected from is said."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from application.ports.provisioner import Health
from infrastructure.process.accounts import RANGES, Accounts, owners_in, usable_range
from infrastructure.process.confinement import Confinement
from infrastructure.process.files import places_aside
from infrastructure.process.lab_python import LabPython, find_lab_python
from infrastructure.process.limit_groups import LimitGroups
from infrastructure.process.mounts import Mounts, usual_mounts
from infrastructure.process.settings import IsolationDemand
from infrastructure.process.trial import Trial
from infrastructure.unusable import Unusable

BUBBLEWRAP = "bubblewrap"
OWN_USER = "own-user"
PROCESS_GROUP = "process-group"

_UNPROTECTED = {
    OWN_USER: (
        "labs run as users of their own and cannot read the service's files, but they see all "
        "processes of the machine and what it shares between users"
    ),
    PROCESS_GROUP: (
        "labs are not confined: their programs can read and change what the service's user can, "
        "its secrets and other labs included, and one that detaches can outlive its lab"
    ),
}
_CHOSEN = "LAB_ISOLATION=none"
_INSTALL = "install it: apt-get install bubblewrap"
_NOT_PERMITTED = (
    "let it make user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_"
    "namespaces, on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0 or an AppArmor profile "
    "for it; in a container see docs/operations.md)"
)
_OF_NAMESPACES = ("uid map", "namespace", "No permissions", "not permitted", "mount proc")
_AS_A_USER = "start the service as an ordinary user"


class IsolationRefused(Unusable):
    """Labs cannot be confined as is demanded, or only root could run them; in one line what is
    missing and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """The level in use, and how labs are started in it."""

    health: Health
    confinement: Confinement

    @property
    def label(self) -> str:
        """What is recorded with each lab: the level, and what it does not protect from."""
        level, message = self.health.isolation, self.health.message
        return f"{level} ({message})" if message else level


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What isolation is chosen for. `data_dir` and `root`, the labs' directory, are real
    paths; the trial is made in `trial_in`. `as_root`: whether the service is."""

    data_dir: Path
    root: Path
    trial_in: Path
    lab_python: Path
    limit_groups: LimitGroups
    as_root: bool


def choose_isolation(demand: IsolationDemand, premises: Premises) -> Isolation:
    """The strongest level that is allowed and holds. Raises IsolationRefused."""
    python = find_lab_python(premises.lab_python)
    why, how = _CHOSEN, "set LAB_ISOLATION=preferred"
    if demand != "none":
        confinement = with_bubblewrap(premises, python)
        why = trouble_with_bubblewrap(premises, confinement)
        if not why and confinement is not None:
            return _isolation(BUBBLEWRAP, confinement, "")
        how = advice_for(why)
    if demand == "required":
        raise IsolationRefused(f"LAB_ISOLATION=required, but {why}; {how}")
    if not premises.as_root:
        return _isolation(PROCESS_GROUP, _as_it_is(premises, python), f"{why}; {how}")
    return _own_users(demand, premises, python, why=why, how=how)


def _own_users(
    demand: IsolationDemand, premises: Premises, python: LabPython, *, why: str, how: str
) -> Isolation:
    """What root can do without bubblewrap: with mounts of its own, or, where it may not mount,
    as far as labs reach what they need as the machine is."""
    trial = _trial(premises, forbidden=demand != "none")
    trouble = ""
    for confinement in (
        with_own_users(premises, python, hiding=demand != "none"),
        without_mounts(premises, python),
    ):
        trouble = trial.trouble(confinement)
        if not trouble:
            return _isolation(OWN_USER, confinement, f"{why}; {how}")
    if "Permission denied" in trouble:
        how = f"let all users read the labs' Python: chmod -R o+rX {python.closed}"
    raise IsolationRefused(
        f"labs are never run as root, and as users of their own they cannot be here: "
        f"{trouble}; {why}; {how}, or {_AS_A_USER}"
    )


def with_bubblewrap(premises: Premises, python: LabPython) -> Confinement | None:
    """The confinement by bubblewrap, untried; None when that is not installed."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    return Confinement(
        lab_python=python.program,
        bubblewrap=program,
        mounts=_mounts(premises, python),
        accounts=_accounts(premises),
        limit_groups=premises.limit_groups,
    )


def with_own_users(premises: Premises, python: LabPython, *, hiding: bool) -> Confinement:
    """The confinement that root can make without bubblewrap. If it is not `hiding`, only
    what labs need below closed directories is put within their reach."""
    mounts = _mounts(premises, python)
    return Confinement(
        lab_python=python.program,
        mounts=mounts if hiding else Mounts(covers=(), shown=mounts.shown, strangers=True),
        accounts=_accounts(premises),
        limit_groups=premises.limit_groups,
    )


def without_mounts(premises: Premises, python: LabPython) -> Confinement:
    """The confinement of root's labs where root may not mount either, as in most containers."""
    of_data = premises.trial_in == premises.root
    way = (premises.data_dir, premises.root) if of_data else (premises.trial_in,)
    return Confinement(
        lab_python=python.program,
        accounts=_accounts(premises),
        limit_groups=premises.limit_groups,
        way=tuple(dict.fromkeys(way)),
    )


def trouble_with_bubblewrap(premises: Premises, confinement: Confinement | None) -> str:
    """Why bubblewrap cannot be used; empty when it holds."""
    if confinement is None:
        return "bubblewrap is not installed"
    trouble = _trial(premises, forbidden=True).trouble(confinement)
    return f"{confinement.bubblewrap} does not hold here: {trouble}" if trouble else ""


def advice_for(trouble: str) -> str:
    """What to do about that trouble with bubblewrap."""
    if "not installed" in trouble:
        return _INSTALL
    if any(words in trouble for words in _OF_NAMESPACES):
        return _NOT_PERMITTED
    return "labctl doctor says more"


def _isolation(level: str, confinement: Confinement, why: str) -> Isolation:
    message = f"{_UNPROTECTED[level]}; {why}" if why else ""
    return Isolation(
        health=Health(isolation=level, message=message, exposed=bool(message)),
        confinement=confinement,
    )


def _as_it_is(premises: Premises, python: LabPython) -> Confinement:
    return Confinement(lab_python=python.program, limit_groups=premises.limit_groups)


def _mounts(premises: Premises, python: LabPython) -> Mounts:
    return usual_mounts(
        root=premises.root,
        data_dir=premises.data_dir,
        shown=python.places,
        strangers=premises.as_root,
    )


def _accounts(premises: Premises) -> Accounts | None:
    if not premises.as_root:
        return None
    numbers = usable_range()
    if numbers is None:
        wanted = " or ".join(f"{one[0]} to {one[-1]}" for one in RANGES)
        raise IsolationRefused(
            f"labs are never run as root, and this container has no users {wanted} for them; "
            f"{_AS_A_USER}"
        )
    aside = places_aside(premises.data_dir, premises.root)
    return Accounts(numbers, lambda: owners_in(premises.root, *aside))


def _trial(premises: Premises, *, forbidden: bool) -> Trial:
    secrets = [premises.data_dir / name for name in ("admin.token", "labs.sqlite", "service.lock")]
    return Trial(root=premises.trial_in, forbidden=secrets if forbidden else [])
