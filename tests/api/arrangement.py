"""The whole HTTP side over memory, a client for it, and labs in the states that tests need."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from starlette.types import ASGIApp

from api.app import create_app
from api.http.authentication import BearerToken
from api.services import ApiLimits, Services
from application.mediator.questions import GetAccessLink, GetLabInstance, GetLogs, Latest
from application.ports.provisioner import RuntimeNotFound
from application.ports.templates import Template
from application.ports.views import LabInstanceView
from application.service import Check
from domain.lab_instance.commands import CompleteDeletion, MarkReady, StartProvisioning
from domain.lab_instance.key import LabKey
from tests.application.arrangement import Arrangement, arranged
from tests.fakes.randomness import SeededRandomness

SECRET = "a-token-of-the-tests"
BASE = "/apis/lab.neuroglia.com/v1"
LABS = f"{BASE}/namespaces/default/labinstances"
SEED_SPEC = {
    "template": "python-basics",
    "duration": "60m",
    "studentEmail": "student@example.com",
    "environment": {"COURSE": "intro"},
}


@dataclass
class FixedTemplates:
    """A catalogue of three templates, one of them unavailable."""

    def __post_init__(self) -> None:
        self._templates = {
            each.name: each
            for each in (
                _template("jupyterlab", unavailable="jupyter is not installed"),
                _template("python-basics"),
                _template("terminal"),
            )
        }

    def get(self, name: str) -> Template | None:
        return self._templates.get(name)

    def all(self) -> Sequence[Template]:
        return tuple(self._templates.values())

    def forget(self, name: str) -> None:
        """As if the service had been started without this template."""
        del self._templates[name]


@dataclass
class FakeRuntimes:
    """Answers for the provisioner; `known` maps names of labs to what they wrote, and there
    is no way into those that are `locked`."""

    known: dict[str, str] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)

    async def logs(self, question: GetLogs) -> str:
        if question.key.name not in self.known:
            raise RuntimeNotFound("uid-unknown")
        return "\n".join(self.known[question.key.name].splitlines()[-question.tail :])

    async def access(self, question: GetAccessLink) -> str:
        if question.key.name in self.locked:
            raise RuntimeNotFound("uid-unknown")
        return f"http://127.0.0.1:1/?access_token=s3cret-of-{question.key.name}"


@dataclass
class Api:
    """The application behind its HTTP side."""

    inner: Arrangement
    services: Services
    app: ASGIApp
    client: httpx.AsyncClient
    templates: FixedTemplates
    runtimes: FakeRuntimes
    checks: list[Check]

    async def create(self, name: str, **metadata: Any) -> dict[str, Any]:
        """A lab of the seed's spec, pending."""
        answer = await self.client.post(LABS, json=manifest(name, **metadata))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def declare_namespace(self, name: str) -> None:
        """Do what `kubectl create namespace` does."""
        document = {"metadata": {"name": name}}
        answer = await self.client.post("/api/v1/namespaces", json=document)
        assert answer.status_code == 201, answer.text

    async def make_ready(self, name: str, endpoint: str = "http://127.0.0.1:9000") -> None:
        """Do what the controllers would do."""
        key = LabKey("default", name)
        view = await self.view(name)
        await self.inner.send(
            StartProvisioning(lab=key, uid=view.lab.uid, timeout=timedelta(minutes=1))
        )
        revision = (await self.view(name)).lab.revision
        await self.inner.send(
            MarkReady(
                lab=key,
                uid=view.lab.uid,
                revision=revision,
                endpoint=endpoint,
                isolation="none",
            )
        )

    async def complete_deletion(self, name: str) -> None:
        """Do what the deletion controller would do."""
        view = await self.view(name)
        command = CompleteDeletion(lab=view.lab.key, uid=view.lab.uid, proof="nothing runs")
        await self.inner.send(command)

    async def view(self, name: str) -> LabInstanceView:
        """The lab as the application sees it."""
        moment = Latest(not_older_than=None)
        key = LabKey("default", name)
        return await self.inner.mediator.ask(GetLabInstance(key=key, moment=moment))

    async def settled(self) -> None:
        """Wait until everything written has been published."""
        wanted = self.inner.written.position
        assert await self.inner.feed.published.reached(wanted, within=2)

    async def head(self) -> int:
        """The position of the last event: moves only when something was written."""
        return await self.inner.store.head()


@asynccontextmanager
async def serving(
    limits: ApiLimits | None = None, inner: Arrangement | None = None
) -> AsyncIterator[Api]:
    """The API at work over memory, until the context ends."""
    inner = inner or arranged()
    templates, runtimes = FixedTemplates(), FakeRuntimes()
    checks = [Check(name="event-store", ok=True, message="")]
    inner.mediator.on_query(GetLogs, runtimes.logs)
    inner.mediator.on_query(GetAccessLink, runtimes.access)
    services = _services(inner, templates, checks, limits or ApiLimits())
    app = create_app(services)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {SECRET}", "User-Agent": "tests/1"}
    async with (
        inner.projecting(),
        httpx.AsyncClient(
            transport=transport, base_url="http://labs.test", headers=headers
        ) as client,
    ):
        yield Api(inner, services, app, client, templates, runtimes, checks)
        inner.feed.close()
        inner.object_side.feed.close()


def manifest(name: str | None = None, **metadata: Any) -> dict[str, Any]:
    """The seed's own example."""
    named = {} if name is None else {"name": name}
    return {
        "apiVersion": "lab.neuroglia.com/v1",
        "kind": "LabInstance",
        "metadata": {**named, **metadata},
        "spec": {**SEED_SPEC},
    }


def _services(
    inner: Arrangement, templates: FixedTemplates, checks: list[Check], limits: ApiLimits
) -> Services:
    async def readiness() -> Sequence[Check]:
        return tuple(checks)

    async def metrics() -> bytes:
        await asyncio.sleep(0)
        return b"labs_total 1\n"

    return Services(
        mediator=inner.mediator,
        watch_feed=inner.feed,
        object_feed=inner.object_side.feed,
        templates=templates,
        clock=inner.clock,
        randomness=SeededRandomness(),
        token=BearerToken(user="admin", secret=SECRET),
        readiness=readiness,
        metrics=metrics,
        limits=limits,
    )


def _template(name: str, unavailable: str = "") -> Template:
    return Template(
        name=name,
        title=name.title(),
        default_duration="45m",
        maximum_duration=timedelta(hours=4),
        unavailable=unavailable,
    )
