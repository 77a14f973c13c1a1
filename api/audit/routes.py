"""The paths of the audit, and who answers them."""

from collections.abc import Mapping

from api.audit.acts import ActRoutes
from api.audit.checkpoints import checkpoint_paths
from api.audit.compared import LabDifferences
from api.audit.counts import CountRoutes
from api.audit.history import LabPast
from api.audit.lives import LifeRoutes
from api.audit.usage import UsageRoutes
from api.http.routing import Methods
from api.kubernetes.lab_kind import AUDIT_API_VERSION
from api.labs.routes import ITEM
from api.services import Services

BASE = f"/apis/{AUDIT_API_VERSION}"


def audit_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of the audit's group."""
    counts, past = CountRoutes(services), LabPast(services)
    return {
        **checkpoint_paths(services),
        f"{BASE}/acts": {"GET": ActRoutes(services).list},
        f"{BASE}/labs": {"GET": LifeRoutes(services).list},
        f"{BASE}/usage": {"GET": UsageRoutes(services).list},
        f"{BASE}/counts": {"GET": counts.counts},
        f"{ITEM}/history": {"GET": past.history},
        f"{ITEM}/why": {"GET": past.why},
        f"{BASE}/differences": {"GET": LabDifferences(services).differences},
        f"{BASE}/journal": {"GET": counts.journal},
    }
