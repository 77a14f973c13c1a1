"""What the world does to us: everybody waits and tries again, and nobody takes it for a bug."""

from application.ports.event_store import EventStoreUnavailable
from application.ports.provisioner import ProvisionerError
from application.ports.read_model import ReadModelUnavailable

OUTAGES = (ProvisionerError, EventStoreUnavailable, ReadModelUnavailable)
