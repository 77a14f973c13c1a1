"""Labs rendered as their schema says."""

import msgspec

from api.http.encoding import encode
from api.labs.rendering import document_of
from api.labs.shapes import LabInstanceDocument
from tests.api.arrangement import Api


async def test_a_rendered_lab_is_as_its_schema_says(api: Api) -> None:
    await api.create("lab1", labels={"a": "b"}, finalizers=["x.example/y"])
    await api.make_ready("lab1")
    document = document_of(await api.view("lab1"))
    assert msgspec.json.decode(encode(document), type=LabInstanceDocument) == document
