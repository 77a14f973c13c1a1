"""The kind LabInstance, and the Scale of one: the names by which clients know them."""

from typing import Final

GROUP = "lab.neuroglia.com"


VERSION = "v1"


API_VERSION: Final = "lab.neuroglia.com/v1"


PLURAL = "labinstances"


RESOURCE = f"{PLURAL}.{GROUP}"


KIND: Final = "LabInstance"


SCALE_GROUP: Final = "autoscaling"


SCALE_VERSION: Final = "v1"


SCALE_API_VERSION: Final = "autoscaling/v1"


SCALE_KIND: Final = "Scale"

AUDIT_GROUP = "audit.lab.neuroglia.com"
AUDIT_API_VERSION = f"{AUDIT_GROUP}/{VERSION}"
"""The group of the questions over all labs."""
