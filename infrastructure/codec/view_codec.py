"""Labs, and clients' documents, as stored documents for read models that keep them whole.
Which columns stand beside them is each store's own affair."""

from domain.api_object.api_object import ApiObject
from domain.lab_instance.lab_instance import LabInstance
from infrastructure.codec.object_document import Document

LAB_DOCUMENT = Document(LabInstance)
API_OBJECT = Document(ApiObject)
