"""What operators read of a running service: its log lines, its metrics, its proven history."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import labctl
from tests.scenarios.service import (
    LABS,
    Service,
    create,
    eventually,
    manifest,
    until_state,
)

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_AFTER_ONE_LAB = {
    'lab_instances{state="ready"}': "1.0",
    'lab_commands_total{command="CreateLabInstance",outcome="changed"}': "1.0",
    'lab_commands_total{command="MarkReady",outcome="changed"}': "1.0",
    "lab_provisioning_seconds_count": "1.0",
    "lab_append_seconds_count": "4.0",
    "lab_projection_lag": "0.0",
    "lab_watcher_lag": "0.0",
    "lab_queue_depth": "0.0",
    "lab_circuit_state": "0.0",
}
_MOVED = (
    "lab_projection_seconds_count",
    'lab_controller_seconds_count{outcome="look-again"}',
    'lab_provisioner_call_seconds_count{call="ensure",outcome="ok"}',
)
_OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


async def test_log_lines_lead_from_a_request_to_what_was_done_about_it(
    new_service: NewService,
) -> None:
    service = new_service()
    await service.start()
    headers = {"X-Correlation-Id": "the-request", "traceparent": f"00-{_TRACE}-{'1' * 16}-01"}
    async with service.client() as client:
        await client.post(LABS, json=manifest("ann"), headers=headers)
        await until_state(client, "ann", "ready")

    def led_to() -> list[str]:
        told = [line for line in _lines(service) if line.get("correlationId") == "the-request"]
        assert all((line["lab"], line["traceId"]) == ("default/ann", _TRACE) for line in told)
        return [line["command"] for line in told]

    async def complete() -> bool:
        return led_to() == ["CreateLabInstance", "StartProvisioning", "MarkReady"]

    await eventually(complete)
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in _lines(service))


def _lines(service: Service) -> list[dict[str, Any]]:
    complete = service.logs.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in complete.splitlines()]


async def test_the_metrics_that_operators_are_told_of_move(new_service: NewService) -> None:
    service = new_service()
    await service.start()
    samples: dict[str, str] = {}
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")

        async def reconciled() -> bool:
            text = (await client.get("/metrics")).text
            samples.update(re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE))
            return float(samples["lab_reconcile_seconds_count"]) >= 1

        await eventually(reconciled)
        text = (await client.get("/metrics")).text
    families = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    promised = set(re.findall(r"`((?:lab|process)_[a-z_]+)", _OPERATIONS.read_text()))
    assert promised
    assert promised - families == set()
    assert {name: samples[name] for name in _AFTER_ONE_LAB} == _AFTER_ONE_LAB
    assert all(float(samples[name]) >= 1 for name in _MOVED)


async def test_the_history_is_proven_beside_the_service_and_a_change_of_it_is_found(
    new_service: NewService,
) -> None:
    service = new_service()
    assert (await labctl(service.variables, "verify")).returncode == 2, "there is nothing yet"
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
    proof = await labctl(service.variables, "verify")
    assert (proof.returncode, proof.stdout) == (
        0,
        "4 events in 2 streams are what was written, up to position 4\n",
    )
    await service.stop()
    with sqlite3.connect(service.data_dir / "labs.sqlite") as log:
        log.execute("UPDATE events SET data = replace(data, '60m', '90m')")
    log.close()
    refusal = await labctl(service.variables, "verify")
    assert (refusal.returncode, refusal.stdout) == (1, "")
    assert "labinstance-default/ann" in refusal.stderr
