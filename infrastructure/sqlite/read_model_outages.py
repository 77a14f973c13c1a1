"""What goes wrong with the file, as the ports of the views say it."""

from application.ports.read_model import ReadModelUnavailable, UnreadableReadModel
from infrastructure.sqlite.database import DatabaseDamaged, DatabaseUnavailable, Outages


class _ViewsOutages(Outages):
    """A damaged file is distinguished from one that cannot be reached now."""

    def described(self, error: DatabaseUnavailable) -> Exception:
        """See Outages."""
        damaged = isinstance(error, DatabaseDamaged)
        return (UnreadableReadModel if damaged else ReadModelUnavailable)(str(error))


VIEWS_OUTAGES = _ViewsOutages(ReadModelUnavailable)
