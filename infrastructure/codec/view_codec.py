"""Labs as documents, for read models that keep them whole. Which columns stand beside the
document is each store's own affair."""

from domain.lab_instance.lab_instance import LabInstance
from infrastructure.codec.document import Document

LAB_DOCUMENT = Document(LabInstance)
