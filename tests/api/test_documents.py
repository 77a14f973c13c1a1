"""The documents themselves: what a lab costs to render, and what OpenAPI says of it all."""

import re
from typing import Any

import msgspec
from starlette.routing import Route

from api.http.encoding import encode
from api.labs.difference import differences
from api.labs.rendering import document_of
from api.labs.routes import lab_paths
from api.labs.shapes import LabInstanceDocument
from api.system.routes import system_router
from api.system.templates import template_router
from tests.api.arrangement import Api


async def test_the_openapi_document_describes_every_path_and_method(api: Api) -> None:
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    routers = (system_router(api.services), template_router(api.services))
    of_fastapi = [
        each.path for router in routers for each in router.routes if isinstance(each, Route)
    ]
    for template in (*lab_paths(api.services), *of_fastapi):
        if template != "/openapi.json":
            path = template.format(namespace="default", name="lab1")
            refused = await api.client.options(path)
            offered = refused.headers["Allow"].lower().split(", ")
            assert sorted(paths[template]) == offered
    assert {"/livez", "/readyz", "/metrics", "/version"} <= set(paths)


async def test_every_reference_in_the_openapi_document_leads_somewhere(api: Api) -> None:
    text = (await api.client.get("/openapi.json")).text
    schemas = msgspec.json.decode(text)["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/([A-Za-z]+)", text))
    assert references
    assert references <= set(schemas)
    assert schemas["Spec"]["properties"]["studentEmail"]


async def test_what_is_rendered_is_what_the_schema_says(api: Api) -> None:
    await api.create("lab1", labels={"a": "b"}, finalizers=["x.example/y"])
    await api.make_ready("lab1")
    document = document_of(await api.view("lab1"))
    assert msgspec.json.decode(encode(document), type=LabInstanceDocument) == document


def test_differences_are_told_path_by_path() -> None:
    before: Any = {"a": {"b": 1, "x.y/z": "q"}, "l": [1], "c": [{"type": "R", "s": "0"}]}
    after: Any = {"a": {"b": 2}, "l": [1, 2], "c": [{"type": "R", "s": "1"}, {"type": "N"}]}
    assert {each.path: (each.before, each.after) for each in differences(before, after)} == {
        "a.b": (1, 2),
        'a["x.y/z"]': ("q", None),
        "l": ([1], [1, 2]),
        "c[R].s": ("0", "1"),
        "c[N].type": (None, "N"),
    }


def test_equal_documents_do_not_differ() -> None:
    assert differences({"a": [1]}, {"a": [1]}) == []
    assert differences(None, None) == []
