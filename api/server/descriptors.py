"""How many descriptors this process may have open, and how many of them connections may take."""

import logging
import resource

_log = logging.getLogger(__name__)
_WANTED = 65_536
_RESERVE = 256
_FEWEST = 16


def places_for_connections(most: int) -> int:
    """`most`, or as many as the machine allows beside what the service's own work needs: stores,
    labs, logs. The soft limit is raised first, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY or soft >= most + _RESERVE:
        return most
    places = max(soft - _RESERVE, _FEWEST)
    _log.warning(
        "the limit of open files allows fewer connections than configured; raise `ulimit -n`",
        extra={"limit": soft, "connections": places, "configured": most},
    )
    return places
