"""The catalogue of templates, as a list of Kubernetes-like objects."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.kubernetes.lab_kind import API_VERSION
from api.services import Services
from application.ports.templates import Template
from domain.lab_instance.duration import format_duration


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class LabTemplateMetadata(_Document):
    """What the template is called."""

    name: str


class LabTemplateSpec(_Document):
    """What labs of the template get."""

    title: str
    default_duration: str
    maximum_duration: str


class LabTemplateStatus(_Document):
    """Whether labs of the template can be had here, and if not, why."""

    available: bool
    reason: str | None = None


class LabTemplate(_Document):
    """One kind of lab."""

    api_version: str = API_VERSION
    kind: Literal["LabTemplate"] = "LabTemplate"
    metadata: LabTemplateMetadata
    spec: LabTemplateSpec
    status: LabTemplateStatus


class LabTemplateListMetadata(_Document):
    """The catalogue is fixed while the service runs, so there is but one version of it."""

    resource_version: str = "1"


class LabTemplateList(_Document):
    """Every template, by name."""

    api_version: str = API_VERSION
    kind: Literal["LabTemplateList"] = "LabTemplateList"
    metadata: LabTemplateListMetadata = Field(default_factory=LabTemplateListMetadata)
    items: list[LabTemplate]


def template_router(services: Services) -> APIRouter:
    """The route of the catalogue."""
    router = APIRouter(prefix=f"/apis/{API_VERSION}", tags=["templates"])

    @router.get("/labtemplates", response_model_exclude_none=True)
    async def labtemplates() -> LabTemplateList:
        """All templates, the unavailable ones with the reason."""
        return LabTemplateList(items=[_rendered(each) for each in services.templates.all()])

    return router


def _rendered(template: Template) -> LabTemplate:
    return LabTemplate(
        metadata=LabTemplateMetadata(name=template.name),
        spec=LabTemplateSpec(
            title=template.title,
            default_duration=template.default_duration,
            maximum_duration=format_duration(template.maximum_duration),
        ),
        status=LabTemplateStatus(
            available=not template.unavailable, reason=template.unavailable or None
        ),
    )
