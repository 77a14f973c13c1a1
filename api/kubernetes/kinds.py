"""The kinds that are served: the one table behind discovery, reviews and OpenAPI."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.kubernetes.lab_kind import (
    AUDIT_GROUP,
    GROUP,
    KIND,
    SCALE_GROUP,
    SCALE_KIND,
    SCALE_VERSION,
    VERSION,
)

WRITE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresource:
    """What hangs below an object's path: `labinstances/status`. The kind, and its group and
    version, are those of what is read and written there."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = GROUP
    version: str = VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of object. The core group has an empty name. `named`: what it is called in paths,
    where that is not the regular plural."""

    group: str
    version: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    named: str = ""

    @property
    def singular(self) -> str:
        """Its name for one, as clients type it."""
        return self.kind.lower()

    @property
    def plural(self) -> str:
        """Its name in paths."""
        return self.named or f"{self.singular}s"

    @property
    def api_version(self) -> str:
        """Group and version as they stand in objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """How messages name the kind: `labinstances.lab.neuroglia.com`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def base(self) -> str:
        """Where the paths of its group and version begin."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"


LAB_INSTANCES = Kind(
    group=GROUP,
    version=VERSION,
    kind=KIND,
    namespaced=True,
    verbs=WRITE,
    short_names=("lab", "labs"),
    categories=("all",),
    subresources=(
        Subresource(name="status", kind=KIND, verbs=("get", "patch", "update")),
        Subresource(
            name="scale",
            kind=SCALE_KIND,
            verbs=("get", "patch", "update"),
            group=SCALE_GROUP,
            version=SCALE_VERSION,
        ),
        Subresource(name="access", kind="LabAccess", verbs=("create",)),
        Subresource(name="extend", kind=KIND, verbs=("create",)),
        Subresource(name="restart", kind=KIND, verbs=("create",)),
        Subresource(name="retry", kind=KIND, verbs=("create",)),
        Subresource(name="abandon", kind=KIND, verbs=("create",)),
        Subresource(name="history", kind="LabInstanceHistory", verbs=("get",)),
        Subresource(name="why", kind="LabInstanceWhy", verbs=("get",)),
        Subresource(name="log", kind=KIND, verbs=("get",)),
    ),
)
LAB_TEMPLATES = Kind(
    group=GROUP,
    version=VERSION,
    kind="LabTemplate",
    namespaced=False,
    verbs=("list",),
)
NAMESPACES = Kind(
    group="",
    version="v1",
    kind="Namespace",
    namespaced=False,
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    short_names=("ns",),
)
EVENTS = Kind(
    group="",
    version="v1",
    kind="Event",
    namespaced=True,
    verbs=WRITE,
    short_names=("ev",),
)
NEW_EVENTS = replace(EVENTS, group="events.k8s.io", short_names=())
LEASES = Kind(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    namespaced=True,
    verbs=WRITE,
)
DEFINITIONS = Kind(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    namespaced=False,
    verbs=("get", "list", "watch"),
    short_names=("crd", "crds"),
    categories=("api-extensions",),
)
CHECKPOINTS = Kind(
    group=AUDIT_GROUP,
    version=VERSION,
    kind="Checkpoint",
    namespaced=False,
    verbs=("get", "list"),
)


def _review(place: str, kind: str, *, namespaced: bool = False) -> Kind:
    group, _, version = place.partition("/")
    return Kind(
        group=group,
        version=version,
        kind=kind,
        namespaced=namespaced,
        verbs=("create",),
    )


def _audit(kind: str, named: str = "") -> Kind:
    return Kind(
        group=AUDIT_GROUP,
        version=VERSION,
        kind=kind,
        namespaced=False,
        verbs=("list",),
        named=named,
    )


AUDIT_KINDS = (
    _audit("Act"),
    _audit("Usage", "usage"),
    _audit("Count"),
    _audit("Journal", "journal"),
)
"""Without the group's `labs`, which is served as well: a resource of that name would take the
short names of the labs themselves away from clients."""

_ACCESS, _WHO = "authorization.k8s.io/v1", "authentication.k8s.io/v1"

OWN_ACCESS_REVIEWS = _review(_ACCESS, "SelfSubjectAccessReview")
OWN_RULES_REVIEWS = _review(_ACCESS, "SelfSubjectRulesReview")
SUBJECT_ACCESS_REVIEWS = _review(_ACCESS, "SubjectAccessReview")
LOCAL_ACCESS_REVIEWS = _review(_ACCESS, "LocalSubjectAccessReview", namespaced=True)
SUBJECT_REVIEWS = _review(_WHO, "SelfSubjectReview")
SUBJECT_REVIEWS_BETA = _review(f"{_WHO}beta1", "SelfSubjectReview")
TOKEN_REVIEWS = _review(_WHO, "TokenReview")

ALL_KINDS: Sequence[Kind] = (
    LAB_INSTANCES,
    LAB_TEMPLATES,
    NAMESPACES,
    EVENTS,
    NEW_EVENTS,
    LEASES,
    DEFINITIONS,
    CHECKPOINTS,
    OWN_ACCESS_REVIEWS,
    OWN_RULES_REVIEWS,
    SUBJECT_ACCESS_REVIEWS,
    LOCAL_ACCESS_REVIEWS,
    SUBJECT_REVIEWS,
    TOKEN_REVIEWS,
    SUBJECT_REVIEWS_BETA,
    *AUDIT_KINDS,
)
