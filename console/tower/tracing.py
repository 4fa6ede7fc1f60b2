"""Traces of runs for OpenTelemetry: one for a run with its whole chain, in it its agents' turns and the executor's.

Invariant: what leaves is names, times and ids: :class:`Stripped` lets no attribute through but those in ``TOLD``, and
no event and no message of an error, since those quote arguments. Only runs are traced; a lease's name tells its
resource. The trace's id follows from the run, so that all workers agree on it, whoever started the run; nothing a
workflow commands depends on it. A collector that is slow or away costs spans, and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, get_current_span
from opentelemetry.util.types import AttributeValue
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from console.domain.run import RunStatus
from console.tower import wire
from console.tower.messages import AgentCall, AuthoriseCall, ExecuteCall, NoteCall, RunEnd, RunStart
from console.tower.otlp import Otlp

SERVICE = "clearance-worker"
TOLD = frozenset(
    f"clearance.{name}"
    for name in (
        *("run", "chain", "execution", "plan", "step", "agent", "occurrence", "attempt"),
        *("effect_id", "decision_id", "verdict", "failure", "status"),
    )
)
RENAMED = {"temporalWorkflowID": "clearance.run", "temporalRunID": "clearance.execution"}
MAX_TEXT = 200
EXPORT_SECONDS = 3.0
CLOSE_SECONDS = 3.0
SEND_EVERY = 1_000
RUN_ENDED = "__clearance_run_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a run. Times are nanoseconds since 1970."""

    run_id: str
    chain_id: str
    plan: str
    status: str
    is_failed: bool
    began: int
    ended: int


class Tracing(TracingInterceptor):
    """What a worker is given so that its runs are traced."""

    def __init__(self, provider: TracerProvider, processor: BatchSpanProcessor, exporter: SpanExporter) -> None:
        super().__init__(provider.get_tracer("clearance"))
        self._provider, self._processor, self._exporter = provider, processor, exporter

    @classmethod
    def to(cls, otlp: Otlp) -> Tracing:
        """Traces that go to a collector."""
        session = requests.Session()
        # On this machine there is no proxy to be asked.
        session.trust_env = not otlp.is_local
        exporter = Stripped(OTLPSpanExporter(endpoint=otlp.endpoint, timeout=EXPORT_SECONDS, session=session))
        processor = BatchSpanProcessor(exporter, schedule_delay_millis=SEND_EVERY)
        provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": SERVICE}),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(processor)
        return cls(provider, processor, exporter)

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        ending = threading.Thread(target=self._processor.shutdown, name="spans", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, CLOSE_SECONDS)
        # Ends the waiting for a collector that is away.
        self._exporter.shutdown()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - theirs
        """Trace what runs call for, and nothing else."""
        return _OfRuns(super().intercept_activity(_Telling(next)), next, self.header_key)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - theirs
    ) -> type[TracingWorkflowInboundInterceptor]:
        """Trace runs, and nothing else."""
        super().workflow_interceptor_class(input)
        input.unsafe_extern_functions[RUN_ENDED] = self._run_ended
        return _Run

    def _run_ended(self, told: Ended) -> None:
        """The span that all others of a run lie in, under the id that they name."""
        attributes = {"run": told.run_id, "chain": told.chain_id, "plan": told.plan, "status": told.status}
        span = ReadableSpan(
            name="Run",
            context=_context(told.run_id, told.chain_id),
            resource=self._provider.resource,
            attributes={f"clearance.{name}": value for name, value in attributes.items()},
            kind=SpanKind.SERVER,
            status=Status(StatusCode.ERROR if told.is_failed else StatusCode.OK),
            start_time=told.began,
            end_time=told.ended,
        )
        self._processor.on_end(span)


class Stripped(SpanExporter):
    """Sends on what may leave, and nothing else of a span."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_ended = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans on."""
        return self._exporter.export([_stripped(span) for span in spans])

    def shutdown(self) -> None:
        """End it; a second time changes nothing."""
        if not self._is_ended.is_set():
            self._is_ended.set()
            self._exporter.shutdown()


class _Run(TracingWorkflowInboundInterceptor):
    """In a run: its trace, derived from what it is, and its end."""

    def _load_workflow_context_carrier(self) -> dict[str, list[str] | str] | None:
        # Where the base class reads it from a header, which only a run has that a traced client started.
        info = workflow.info()
        if info.workflow_type != wire.RUN_WORKFLOW:
            return None
        context = _context(info.workflow_id, info.first_execution_run_id)
        return {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{TraceFlags.SAMPLED:02x}"}

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002, ANN401 - theirs
        if workflow.info().workflow_type != wire.RUN_WORKFLOW:
            return await WorkflowInboundInterceptor.execute_workflow(self, input)
        try:
            done = await super().execute_workflow(input)
        except asyncio.CancelledError:
            # Without a reason it is only put aside, and goes on elsewhere or later.
            if workflow.cancellation_reason() is not None:
                self._tell(input, RunStatus.CANCELLED, is_failed=False)
            raise
        except FailureError:
            self._tell(input, RunStatus.FAILED, is_failed=True)
            raise
        self._tell(input, done.status if isinstance(done, RunEnd) else "", is_failed=False)
        return done

    def _tell(self, input: ExecuteWorkflowInput, status: str, *, is_failed: bool) -> None:  # noqa: A002 - theirs
        if workflow.unsafe.is_replaying():
            return
        info, start = workflow.info(), input.args[0]
        told = Ended(
            run_id=info.workflow_id,
            chain_id=info.first_execution_run_id,
            plan=start.plan.name if isinstance(start, RunStart) else "",
            status=status,
            is_failed=is_failed,
            began=int(_began(start, info.workflow_start_time).timestamp() * 1e9),
            ended=workflow.time_ns(),
        )
        workflow.extern_functions()[RUN_ENDED](told)


class _OfRuns(ActivityInboundInterceptor):
    """An activity is traced if a traced run called for it."""

    def __init__(self, traced: ActivityInboundInterceptor, plain: ActivityInboundInterceptor, header: str) -> None:
        super().__init__(traced)
        self._plain, self._header = plain, header

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - theirs
        headers: dict[str, Payload] = dict(input.headers)
        return await (self.next if self._header in headers else self._plain).execute_activity(input)


class _Telling(ActivityInboundInterceptor):
    """In an activity's span: what it is about, and how it failed, by ids and names."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - theirs
        span = get_current_span()
        span.set_attributes(_about(input.args[0]) if input.args else {})
        try:
            return await super().execute_activity(input)
        except ApplicationError as error:
            # What the run expects and counts is no error to the base class.
            span.set_attribute("clearance.failure", error.type or "")
            span.set_status(Status(StatusCode.ERROR))
            raise


def _context(run_id: str, chain_id: str) -> SpanContext:
    """The trace and the outermost span of a run: SHA-256 over its names."""
    digest = hashlib.sha256(f"clearance-trace-v1\n{run_id}\n{chain_id}".encode()).digest()
    trace_id, span_id = int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _began(start: object, execution: datetime) -> datetime:
    """When a run began: its first execution, as later ones carry it."""
    carried = start.carried if isinstance(start, RunStart) else None
    try:
        return datetime.fromisoformat(str(carried["started_at"])) if carried else execution
    except (KeyError, ValueError):
        return execution


def _about(call: object) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    if isinstance(call, AgentCall | ExecuteCall):
        found = {"run": call.run.run_id, "chain": call.run.chain_id, "plan": call.plan, "step": call.step}
        found |= {"agent": call.agent, "attempt": call.attempt}
    if isinstance(call, AgentCall):
        found["occurrence"] = call.occurrence
    if isinstance(call, ExecuteCall):
        found |= {"effect_id": call.effect_id, "decision_id": call.decision_id}
    if isinstance(call, AuthoriseCall):
        decision = call.decision
        found = {"decision_id": decision.decision_id, "verdict": str(decision.verdict), "step": decision.key.native_id}
    if isinstance(call, NoteCall):
        found = {"step": call.step, "occurrence": call.occurrence}
    return {f"clearance.{name}": value for name, value in found.items()}


def _stripped(span: ReadableSpan) -> ReadableSpan:
    named = {RENAMED.get(name, name): _cut(value) for name, value in (span.attributes or {}).items()}
    return ReadableSpan(
        name=span.name[:MAX_TEXT],
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in named.items() if name in TOLD and value != ""},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _cut(value: AttributeValue) -> AttributeValue:
    return value[:MAX_TEXT] if isinstance(value, str) else value
