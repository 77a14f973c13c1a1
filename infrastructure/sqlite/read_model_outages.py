"""What goes wrong with the file, as the ports of the views say it."""

from application.ports.read_model import ReadModelUnavailable
from infrastructure.sqlite.database import Outages

VIEWS_OUTAGES = Outages(ReadModelUnavailable)
