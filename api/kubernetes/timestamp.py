"""Times as Kubernetes writes them."""

from datetime import datetime
from functools import lru_cache


@lru_cache(maxsize=256)
def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second, as Kubernetes writes it. `moment` is in UTC."""
    return moment.isoformat()[:19] + "Z"
