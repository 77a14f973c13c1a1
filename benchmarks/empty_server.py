"""The peer over HTTP: a FastAPI application that does nothing, served as the service is."""

import asyncio
import sys

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel


class GivenLab(BaseModel):
    """A lab as the load's clients write it."""

    apiVersion: str  # noqa: N815  as on the wire
    kind: str
    metadata: dict[str, str]
    spec: dict[str, str | dict[str, str]]


def empty_app() -> FastAPI:
    """POSTs that answer 201 with an empty object: one that reads nothing, and one that reads
    the lab it is given and does nothing with it."""
    app = FastAPI()

    @app.get("/readyz")
    async def ready() -> str:
        return "ok"

    @app.post("/labs", status_code=201)
    async def create() -> dict[str, str]:
        return {}

    @app.post("/read-labs", status_code=201)
    async def read(lab: GivenLab) -> dict[str, str]:
        del lab
        return {}

    return app


def serve(port: int) -> None:
    """Serve it until SIGTERM."""
    config = uvicorn.Config(
        empty_app(),
        host="127.0.0.1",
        port=port,
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    serve(int(sys.argv[1]))
