"""The OpenAPI document of the service itself."""

import re

import msgspec
from starlette.routing import Route

from api.labs.routes import lab_paths
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
