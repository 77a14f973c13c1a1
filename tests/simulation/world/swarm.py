"""What is drawn once for a whole run: no two seeds try the same mixture."""

from dataclasses import dataclass
from random import Random

from infrastructure.settings import Settings, read_settings
from tests.simulation.engine.chance import stream
from tests.simulation.world.network import Latency

_LASTING = ((4.0, 8.0), (4.0, 8.0), (4.0, 8.0), (16.0, 28.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """`permuted`: the chance that a step is taken out of order. `kinds`: which troubles may
    come; `troubles`: how many. `page`: events that one reading of the log brings. `failing`:
    the part of all starts of labs that fail."""

    replicas: int
    labs: int
    clients: int
    latency: Latency
    permuted: float
    page: int
    failing: float
    lasting: float
    troubles: int
    kinds: tuple[str, ...]
    settings: Settings


def draw_swarm(seed: int, kinds: tuple[str, ...]) -> Swarm:
    """The mixture of this seed. Half of all kinds of trouble, so that each kind is also tried
    where another does not hide what it finds."""
    chance = stream(seed, "swarm")
    return Swarm(
        replicas=chance.choice((1, 2, 2, 2)),
        labs=chance.randint(1, 4),
        clients=chance.randint(2, 4),
        latency=chance.choice((Latency.NONE, Latency.STEPS, Latency.FREE)),
        permuted=chance.choice((0.0, 0.2, 1.0)),
        page=chance.choice((2, 50)),
        failing=chance.choice((0.0, 0.0, 0.2)),
        lasting=chance.uniform(*chance.choice(_LASTING)),
        troubles=chance.choice((0, 5, 10, 20)),
        kinds=tuple(chance.sample(kinds, len(kinds) // 2)),
        settings=_settings(chance),
    )


def _settings(chance: Random) -> Settings:
    drawn = {
        "LAB_SHARDS": chance.choice((1, 3, 8)),
        "LAB_MAX_CONCURRENT_PROVISIONING": chance.choice((1, 2, 8)),
        "LAB_CONTROLLER_PARALLELISM": chance.choice((1, 4, 16)),
        "LAB_RECONCILE_BATCH": chance.choice((1, 2, 200)),
        "LAB_PROVISIONING_TIMEOUT": chance.choice(("4s", "8s")),
        "LAB_MAX_RETRIES": chance.choice((0, 1, 3)),
    }
    return read_settings(
        {
            "LAB_DATA_DIR": ".",
            "LAB_PROVISIONER": "simulated",
            "LAB_POLL_INTERVAL": "1s",
            "LAB_RECONCILE_INTERVAL": "2s",
            "LAB_RETRY_DELAY": "1s",
            "LAB_GRACE_PERIOD": "1s",
        }
        | {name: str(value) for name, value in drawn.items()}
    )
