"""The peer without HTTP: the same labs and facts, written with the `eventsourcing` library."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class PeerLab(Aggregate):
    """A lab as that library would have it written: its facts, and what follows from them."""

    @event("Created")
    def __init__(self, name: str, template: str, duration: str, student: str) -> None:
        self.name = name
        self.template = template
        self.duration = duration
        self.student = student
        self.state = "pending"
        self.endpoint = ""

    @staticmethod
    def create_id(name: str) -> UUID:
        """The name decides the id, so a name can be taken once."""
        return uuid5(NAMESPACE_URL, name)

    @event("ProvisioningStarted")
    def start(self, revision: int, deadline: str) -> None:
        """An attempt begins."""
        self.state = "provisioning"

    @event("BecameReady")
    def become_ready(self, revision: int, endpoint: str) -> None:
        """The runtime answers."""
        self.state = "ready"
        self.endpoint = endpoint


class PeerLabs(Application[UUID]):
    """Three commands; each loads what it needs, decides, and saves durably."""

    def create(self, name: str) -> None:
        """Ask for a lab."""
        self.save(PeerLab(name, "python-basics", "60m", "student@example.com"))

    def start(self, name: str) -> None:
        """Begin its provisioning."""
        lab: Any = self.repository.get(PeerLab.create_id(name))
        lab.start(revision=1, deadline="2026-01-01T00:02:00Z")
        self.save(lab)

    def become_ready(self, name: str) -> None:
        """It is ready."""
        lab: Any = self.repository.get(PeerLab.create_id(name))
        lab.become_ready(revision=1, endpoint="http://127.0.0.1:1")
        self.save(lab)


def open_peer(path: Path) -> PeerLabs:
    """The library's application on a SQLite file."""
    return PeerLabs(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(path),
        }
    )
