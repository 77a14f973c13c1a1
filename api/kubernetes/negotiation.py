"""Which form of an answer a client accepts: objects, a Table of them, or their metadata."""

from collections.abc import Mapping
from enum import Enum

from starlette.requests import Request

from api.http.refusals import NotAcceptable
from api.http.responses import JSON

_JSON_TYPES = frozenset({JSON, "application/*", "*/*"})
_META = "meta.k8s.io"


class Form(Enum):
    """The form of an answer."""

    OBJECTS = "objects"
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"


_FORMS: Mapping[str, Form] = {
    "Table": Form.TABLE,
    "PartialObjectMetadata": Form.METADATA,
    "PartialObjectMetadataList": Form.METADATA,
}


def form_of(request: Request) -> Form:
    """The first form in the Accept header that is spoken here; what is unknown is passed
    over. Raises NotAcceptable when nothing is left."""
    accept = request.headers.get("accept")
    if not accept or accept in _JSON_TYPES:
        return Form.OBJECTS
    for part in accept.split(","):
        media_type, parameters = media_type_of(part)
        if media_type not in _JSON_TYPES:
            continue
        asked = parameters.get("as")
        if asked is None:
            return Form.OBJECTS
        known = parameters.get("g") == _META and parameters.get("v") == "v1"
        if known and (form := _FORMS.get(asked)) is not None:
            return form
    raise NotAcceptable([JSON])


def media_type_of(part: str) -> tuple[str, Mapping[str, str]]:
    """The media type, in lower case, and its parameters."""
    media_type, *rest = part.split(";")
    pairs = (piece.partition("=") for piece in rest)
    return media_type.strip().lower(), {name.strip(): value.strip() for name, _, value in pairs}
