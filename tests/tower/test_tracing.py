"""Traces of runs: off until asked for, then one trace for a run, without a word of what it is about; real servers."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Interceptor, Replayer

from console.cli import main
from console.cli.exits import Exit
from console.domain.canonical import Json
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.run import RunStatus
from console.tower.otlp import Otlp, traced
from console.tower.run import ClearanceRun
from console.tower.tracing import TOLD, Stripped
from console.tower.worker import WorkerConfig, workflow_runner, working
from tests.collector import Collector, collecting
from tests.servers import RunningServer, start_server
from tests.signing import enrol_all, plant_root
from tests.tower.lease_plan import PLAN
from tests.tower.people import Desk

LEASED = "tests.tower.lease_plan"
HISTORIES = Path(__file__).parent / "histories"
SECRET = "hush-4711"
PAYS: dict[str, Json] = {
    "first": {"find": {SECRET: SECRET}, "caveat": SECRET, "read": [SECRET]},
    "pay": {"pay": {"account": f"own-{SECRET}", "amount": "42.00"}},
}
# What one run waits with, others cannot have.
WAITS: dict[str, Json] = {"pay": {"pay": {"account": f"own-other-{SECRET}", "amount": "42.00"}}}
# Its error quotes what is no number.
FAILS: dict[str, Json] = {"pay": {"confidence": SECRET}}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of these tests' own, since the workers are."""
    server = start_server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@asynccontextmanager
async def at_work(server: RunningServer, folder: Path, url: str) -> AsyncIterator[Client]:
    """A worker that sends traces to an address, or to none."""
    config = WorkerConfig(address=server.address, data=folder, plans=(LEASED,), otlp=Otlp(url) if url else None)
    plant_root(folder)
    async with working(config):
        client = await server.client()
        await enrol_all(client)
        yield client


async def carried_out(client: Client) -> tuple[Desk, Receipt]:
    """A run that goes on as new after the one decision it needs, and ends."""
    desk = await Desk.start(client, PLAN, PAYS, continue_after=1)
    receipt = await desk.say(await desk.waits("pay"), Verdict.APPROVE, payload={"reason": SECRET})
    assert receipt.outcome is Outcome.CARRIED_OUT
    assert (await desk.ends()).status is RunStatus.COMPLETED
    return desk, receipt


async def replayed(history: WorkflowHistory, *interceptors: Interceptor) -> None:
    replayer = Replayer(
        workflows=[ClearanceRun],
        data_converter=pydantic_data_converter,
        workflow_runner=workflow_runner(),
        interceptors=list(interceptors),
    )
    await replayer.replay_workflow(history)


def told(span: Span) -> dict[str, str | int]:
    """A span's attributes."""
    values = {one.key: one.value for one in span.attributes}
    return {
        name: value.int_value if value.HasField("int_value") else value.string_value for name, value in values.items()
    }


def check_run(spans: list[Span], desk: Desk, receipt: Receipt) -> None:
    """That a run's spans are one trace under one span of its own, and tell of the step, its effect and its decision."""
    (outermost,) = (span for span in spans if not span.parent_span_id)
    assert (outermost.name, told(outermost)["clearance.status"]) == ("Run", "completed")
    first = min(span.start_time_unix_nano for span in spans)
    assert outermost.start_time_unix_nano - first < 1_000_000
    assert {span.trace_id for span in spans} == {outermost.trace_id}
    assert {span.parent_span_id for span in spans} - {b""} <= {span.span_id for span in spans}
    assert len({span.span_id for span in spans}) == len(spans)
    assert len({told(span).get("clearance.execution") for span in spans} - {None}) == 2
    by_step = {told(span).get("clearance.step"): told(span) for span in spans if span.name == "RunActivity:probe-agent"}
    assert set(by_step) == {"first", "beside", "pay"}
    agent = by_step["pay"]
    assert receipt.effect is not None
    assert agent == {
        "clearance.run": desk.handle.id,
        "clearance.chain": agent["clearance.chain"],
        "clearance.execution": agent["clearance.execution"],
        "clearance.plan": PLAN.name,
        "clearance.step": "pay",
        "clearance.agent": "probe-agent",
        "clearance.occurrence": 1,
        "clearance.attempt": 1,
    }
    (executor,) = (told(span) for span in spans if span.name == "RunActivity:clearance.execute")
    assert executor["clearance.effect_id"] == receipt.effect.effect_id
    assert executor["clearance.decision_id"] == receipt.decision_id
    assert {span.status.code for span in spans if span.name.startswith("RunActivity")} == {Status.STATUS_CODE_UNSET}


@pytest.mark.timeout(300)
def test_a_run_is_one_trace_and_nothing_of_its_content_leaves(
    own: RunningServer, collector: Collector, tmp_path: Path
) -> None:
    async def story() -> None:
        async with at_work(own, tmp_path, collector.url) as client:
            desk, receipt = await carried_out(client)
            fails = await Desk.start(client, PLAN, FAILS)
            shown = await fails.waits("pay")
            assert shown.row.kind is Kind.FAILURE
            assert SECRET in shown.failure
            await fails.say(shown, Verdict.CANCEL, payload={"reason": SECRET})
            await fails.ends()
            waits = await Desk.start(client, PLAN, WAITS)
            await waits.waits("pay")
        by_run = {
            one: [span for span in collector.spans() if told(span).get("clearance.run") == one.handle.id]
            for one in (desk, fails, waits)
        }
        assert sum(map(len, by_run.values())) == len(collector.spans())
        check_run(by_run[desk], desk, receipt)
        assert [told(span)["clearance.status"] for span in by_run[fails] if span.name == "Run"] == ["cancelled"]
        assert "Run" not in {span.name for span in by_run[waits]}
        failed = {told(span)["clearance.failure"] for span in by_run[fails] if "clearance.failure" in told(span)}
        assert failed == {"Failed"}
        assert {name for span in collector.spans() for name in told(span)} <= TOLD
        assert not any(span.events or span.status.message for span in collector.spans())
        assert not any(word in body for body in collector.bodies for word in (SECRET.encode(), b"42.00", b"till/"))

        sent = len(collector.spans())
        async with traced(Otlp(collector.url)) as interceptors:
            for one in by_run:
                history = await one.handle.fetch_history()
                assert "_tracer-data" in history.to_json()
                await replayed(history)
                await replayed(history, *interceptors)
        assert len(collector.spans()) == sent

    asyncio.run(story())


def test_what_is_sent_of_a_span_is_names_times_and_ids() -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Stripped(kept)))
    with suppress(ValueError), provider.get_tracer("test").start_as_current_span("name") as span:
        span.set_attributes({"clearance.run": "x" * 300, "clearance.agent": "", "other": SECRET})
        raise ValueError(SECRET)
    (sent,) = kept.get_finished_spans()
    assert (sent.name, dict(sent.attributes or {}), sent.status.is_ok) == ("name", {"clearance.run": "x" * 200}, False)
    assert (sent.events, sent.status.description) == ((), None)
    assert isinstance(span, ReadableSpan)
    assert (sent.context, sent.start_time, sent.end_time) == (span.context, span.start_time, span.end_time)


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
def test_a_history_from_before_replays_under_traces(path: Path, collector: Collector) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    run_id = recorded["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"]

    async def story() -> None:
        async with traced(Otlp(collector.url)) as interceptors:
            await replayed(WorkflowHistory.from_json(run_id, recorded), *interceptors)

    asyncio.run(story())
    assert collector.bodies == []


@pytest.mark.parametrize("listens", [False, True], ids=["away", "silent"])
def test_a_collector_that_does_not_answer_disturbs_nothing(own: RunningServer, tmp_path: Path, listens: bool) -> None:
    async def story(url: str) -> None:
        async with at_work(own, tmp_path, url) as client:
            await carried_out(client)

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        if listens:
            one.listen()
        asyncio.run(story(f"http://127.0.0.1:{one.getsockname()[1]}"))


# It leaves as it is: the client's own threads can abort an interpreter that ends.
WORKS = """
import asyncio, os, sys
from pathlib import Path
from console.cli import orchestrator
from console.tower.otlp import Otlp
from console.tower.worker import WorkerConfig, working
address, folder, url = sys.argv[1:]

async def story():
    async with working(WorkerConfig(address=address, data=Path(folder), otlp=Otlp(url) if url else None)):
        print(sorted(name for name in sys.modules if name.startswith(("opentelemetry", "requests"))))

if url:
    sys.modules["opentelemetry"] = None
try:
    asyncio.run(story())
except ValueError as error:
    print(error)
sys.stdout.flush()
os._exit(0)
"""


def test_off_it_loads_nothing_and_without_the_libraries_it_says_what_is_missing(
    own: RunningServer, tmp_path: Path
) -> None:
    def worked(url: str) -> str:
        command = [sys.executable, "-c", WORKS, own.address, str(tmp_path), url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert worked("") == "[]"
    assert worked("http://127.0.0.1:4318").endswith("it is the extra “otlp”.")


@pytest.mark.parametrize(
    "url",
    [
        "http://collector.example.com:4318",
        "ftp://127.0.0.1",
        "collector",
        "https://me:secret@collector.example.com",
        "https://collector.example.com/?token=secret",
    ],
)
def test_an_address_that_others_could_read_is_refused(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["worker", "--address", "127.0.0.1:1", "--otlp", url]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith("The collector's address")
    assert "secret" not in said.replace("no secrets", "")
    assert main(["tower", "start", "--otlp", url]) == Exit.USAGE
    monkeypatch.setenv("CLEARANCE_OTLP", url)
    assert main(["worker", "--address", "127.0.0.1:1"]) == Exit.USAGE
