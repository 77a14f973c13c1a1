"""How one operation is written down in OpenAPI's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter."""

    name: str
    description: str
    type: str = "string"


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: the schema's name and the media types it comes in."""

    schema: str
    media_types: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer` names a schema; None means plain text.
    `stream` names the schema of the lines when it is watched."""

    id: str
    summary: str
    answer: str | None
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    code: int = 200
    stream: str | None = None


def operation(told: Operation, path_names: Sequence[str]) -> Mapping[str, Any]:
    """The OpenAPI operation object."""
    content: Mapping[str, Any] = {"text/plain": {"schema": {"type": "string"}}}
    if told.answer is not None:
        content = _content(told.answer, ("application/json",))
    if told.stream is not None:
        content = {**content, **_content(told.stream, ("application/json;stream=watch",))}
    described: dict[str, Any] = {
        "operationId": told.id,
        "summary": told.summary,
        "tags": ["labs"],
        "parameters": [
            *(_path_parameter(name) for name in path_names),
            *(_query_parameter(each) for each in told.query),
        ],
        "responses": {
            str(told.code): {"description": told.summary, "content": content},
            "default": {
                "description": "What went wrong",
                "content": _content("Status", ("application/json",)),
            },
        },
    }
    if told.body is not None:
        described["requestBody"] = {
            "required": told.body.required,
            "content": _content(told.body.schema, told.body.media_types),
        }
    return described


def _content(schema: str, media_types: Sequence[str]) -> Mapping[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {media_type: {"schema": reference} for media_type in media_types}


def _path_parameter(name: str) -> Mapping[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameter(query: Parameter) -> Mapping[str, Any]:
    return {
        "name": query.name,
        "in": "query",
        "required": False,
        "description": query.description,
        "schema": {"type": query.type},
    }
