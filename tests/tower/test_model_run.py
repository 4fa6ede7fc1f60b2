"""A real worker, as its command starts it, with a language model for an agent, and real runs that go by its answers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from temporalio.client import Client

from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Outcome
from console.tower import processes
from console.tower.generator import begin
from console.tower.plans import samples, traffic
from console.tower.server import is_polled
from console.tower.wire import TASK_QUEUE
from console.tower.worker import DEFAULT_SEED
from tests.model_stub import Body, Reply, Stub, fails, says, stub
from tests.servers import RunningServer, RunningWorker, blocking
from tests.signing import enrol_all, plant_root
from tests.tower.conftest import rows
from tests.tower.people import Desk, until
from tests.tower.workday import workplace

KEY = "sk-opens-nothing-at-all-1234"
# Each is about one host of one service.
PLAIN, DENIED, STRAYING = (len(traffic.SITUATIONS) * number for number in range(3))
THOUGHT = "Comparing the hosts of payments."

pytestmark = pytest.mark.timeout(300)


@dataclass
class Brain:
    """What the model says, by the alert: for one it waits, for one the key is wrong, for one it strays."""

    go_on: threading.Event = field(default_factory=threading.Event)
    is_key_known: bool = False

    def __call__(self, body: Body) -> Reply:
        told = json.loads(body["messages"][1]["content"].split("<data>")[1].split("</data>")[0])
        alert = told["parameters"]["alert"]
        if alert == traffic.alert_id(DENIED) and not self.is_key_known:
            return fails(401, f"{KEY} is not known")
        if alert == traffic.alert_id(STRAYING):
            return says("", ("status__publish", {**told["parameters"], "severity": "SEV1", "text": "All is lost."}))
        if len(body["messages"]) == 2:
            until_told = self.go_on if alert == traffic.alert_id(PLAIN) else None
            area = {"area": told["parameters"]["area"]}
            return says("", ("services__list", area), reasoning=THOUGHT, usage=(2_000, 100), until=until_told)
        return self.propose(told, json.loads(body["messages"][3]["content"]))

    def propose(self, told: Body, listed: Body) -> Reply:
        service = told["state"]["diagnosis"]["service"]
        own = told["state"]["traffic"][service]
        host = max(own["hosts"], key=own["hosts"].get)
        each = next(float(one["sales"]) for one in listed["services"] if one["service"] == service)
        stake = f"{own['host_counts'][host] * each / 10:.2f}"
        arguments = {**told["parameters"], "service": service, "host": host, "at_stake": stake}
        finish = {"conclusion": f"{host} alone fails.", "confidence": 0.88, "caveats": [], "open_questions": []}
        summary = f"Restart {host}, which alone fails"
        calls = (("propose_services__restart", {"summary": summary, "arguments": arguments}), ("finish", finish))
        return says("", *calls, usage=(3_000, 200))


@pytest.fixture
def brain() -> Brain:
    return Brain()


@pytest.fixture
def endpoint(brain: Brain) -> Iterator[Stub]:
    with stub(brain) as one:
        yield one
        brain.go_on.set()


@pytest.fixture
def worker(server: RunningServer, endpoint: Stub, tmp_path: Path) -> Iterator[RunningWorker]:
    """A worker as `clearance worker` starts it, with the key in a file."""
    key_file, record, log = tmp_path / "key", tmp_path / "work" / "worker.json", tmp_path / "worker.log"
    key_file.write_text(KEY + "\n")
    plant_root(tmp_path / "work")
    command = [sys.executable, "-m", "console", "worker", "--address", server.address, "--data", str(tmp_path / "work")]
    command += ["--model-url", endpoint.url, "--model", "m-1", "--model-key-file", str(key_file)]
    command += ["--model-price-in", "1", "--model-price-out", "10"]
    process = processes.spawn(command, record, log)
    assert blocking(is_polled(server.address, process)), log.read_text()

    async def enrol() -> None:
        await enrol_all(await server.client())

    blocking(enrol())
    yield RunningWorker(tmp_path / "work", record, process, tuple(command))
    seen = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
    processes.end(record)
    assert KEY.encode() not in seen + log.read_bytes()
    assert KEY not in json.dumps(dict(os.environ))


async def started(client: Client, worker: RunningWorker, number: int) -> Desk:
    """The run of an alert."""
    place = workplace(worker, DEFAULT_SEED)
    one = samples.incident_sample(number, data=place.data, seed=DEFAULT_SEED)
    return Desk(client.get_workflow_handle(await begin(client, place, one, TASK_QUEUE)))


def test_a_run_goes_by_what_a_model_proposes_once_a_person_approves(
    server: RunningServer, worker: RunningWorker, brain: Brain, endpoint: Stub
) -> None:
    async def story() -> None:
        desk = await started(await server.client(), worker, PLAIN)

        async def is_thinking() -> bool:
            beats = [one.heartbeat_details for one in (await desk.handle.describe()).raw_description.pending_activities]
            return any(THOUGHT[:9].encode() in payload.data for one in beats for payload in one.payloads)

        await until(is_thinking)
        brain.go_on.set()
        shown = await desk.waits("mitigate")
        assert (shown.row.kind, shown.row.agent, shown.confidence) == (Kind.CHECKPOINT, "runbook-agent", 0.88)
        assert shown.proposal is not None
        host = str(shown.proposal.arguments["host"])
        assert shown.row.title == f"Restart {host}, which alone fails"
        assert [change.label for change in shown.proposal.changes][-1] == f"{host}, requests that fail"
        assert any(entry.title == f"{host} alone fails." for entry in shown.led_here)
        receipt = await desk.say(shown, Verdict.APPROVE)
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert receipt.effect is not None
        done = rows(worker.business, "SELECT effect_id, service, action, target FROM operations")
        assert done == [(receipt.effect.effect_id, "payments", "restart", host)]
        await desk.say(await desk.waits("announce"), Verdict.APPROVE)
        run = await desk.ends()
        assert run.tokens >= 5_300
        assert run.cost >= (5_000 * 1 + 300 * 10) / 1_000_000
        payloads = b"".join(one.SerializeToString() for one in (await desk.handle.fetch_history()).events)
        assert b"Propose one step of the runbook" in payloads
        assert KEY.encode() not in payloads

    asyncio.run(story())
    assert [len(body["messages"]) for _, body in endpoint.requests] == [2, 4]
    assert {headers["authorization"] for headers, _ in endpoint.requests} == {f"Bearer {KEY}"}


def test_a_refused_key_is_a_failure_that_a_person_sees_and_retries(
    server: RunningServer, worker: RunningWorker, brain: Brain
) -> None:
    async def story() -> None:
        desk = await started(await server.client(), worker, DENIED)
        shown = await desk.waits("mitigate")
        assert shown.row.kind is Kind.FAILURE
        assert "ModelDenied: The model’s endpoint answers 401" in shown.failure
        assert KEY not in shown.failure
        brain.is_key_known = True
        await desk.say(shown, Verdict.RETRY)
        again = await desk.waits("mitigate", occurrence=2)
        assert again.row.kind is Kind.CHECKPOINT
        await desk.say(again, Verdict.CANCEL)
        assert rows(worker.business, "SELECT * FROM operations") == []

    asyncio.run(story())


def test_a_model_that_calls_what_it_was_not_granted_has_left_its_bounds(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        desk = await started(await server.client(), worker, STRAYING)
        shown = await desk.waits("mitigate")
        assert shown.row.kind is Kind.VIOLATION
        assert "'status__publish', which it is not granted" in shown.failure
        (target,) = [one for one in shown.targets if one.target_id == "lead-agent"]
        to = {"kind": str(target.kind), "id": target.target_id}
        await desk.say(shown, Verdict.REROUTE, payload={"to": to})
        again = await desk.waits("mitigate", occurrence=2)
        assert (again.row.kind, again.row.agent) == (Kind.CHECKPOINT, "lead-agent")
        await desk.say(again, Verdict.CANCEL)
        assert rows(worker.business, "SELECT * FROM effects") == []

    asyncio.run(story())
