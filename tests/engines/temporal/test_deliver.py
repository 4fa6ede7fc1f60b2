"""What becomes of decisions when runs end, continue, are reset or have nobody who works on them, or when they lie."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from console.domain.canonical import Json
from console.domain.decision import MAX_PAYLOAD_BYTES, Decision, payload_hash
from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import Comment, EscalationKey, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.run import RunRef
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.settings import TemporalSettings
from tests.engines.conformance import Ask, decision, error_of, ids, listed, refusal, settled, until
from tests.engines.temporal import scripted_run
from tests.engines.temporal.planted import connected
from tests.engines.tower_bench import Host, TowerBench, tower_bench
from tests.signing import ANNA
from tests.signing import BENNO as BEN

APPROVAL: dict[str, Json] = {"ask": "approval", "risk": 2, "approvals": 1}


def test_a_decision_on_a_run_that_was_terminated_is_refused_as_closed(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            sent = await decision(bench, key)
            await bench.client.get_workflow_handle(key.run.run_id).terminate(reason="enough")
            assert await refusal(bench.desk.deliver(sent)) == RefusalCode.CLOSED
            assert await bench.applied(key) == []

    host.run(run())


def test_a_run_that_is_over_still_tells_what_became_of_its_decisions(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            sent = await decision(bench, key)
            late = await decision(bench, key, Verdict.REJECT, by=BEN)
            await bench.desk.deliver(sent)
            await bench.client.get_workflow_handle(key.run.run_id).result()
            again = await bench.desk.deliver(sent)
            assert again.decision_id == sent.decision_id
            await settled(bench, sent)
            assert await refusal(bench.desk.deliver(late)) in RefusalCode.SUPERSEDING
            assert ids(await bench.applied(key)) == [sent.decision_id]

    host.run(run())


def test_a_run_that_was_never_there_is_unknown(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            sent = await decision(bench, key)
            nowhere = dataclasses.replace(key, run=dataclasses.replace(key.run, run_id="nowhere"))
            lost = dataclasses.replace(sent, key=nowhere)
            await error_of(bench.desk.deliver(lost), Uncertain)
            assert await refusal(bench.desk.escalation(nowhere)) == RefusalCode.UNKNOWN
            assert await refusal(bench.desk.run(nowhere.run)) == RefusalCode.UNKNOWN

    host.run(run())


def test_receipts_outlive_a_continuation_and_the_same_decision_is_not_applied_again(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.start({**APPROVAL, "approvals": 2}, continue_after=2)
            first = await decision(bench, key, by=ANNA)
            assert (await bench.desk.deliver(first)).outcome is Outcome.HALF_GRANTED
            await bench.desk.comment(key, Comment(ANNA, first.signed_at, "that makes two updates"))

            async def continued() -> bool:
                return (await bench.desk.run(key.run)).attempt_id != first.opened_in

            await until(bench, continued, "the next execution")
            receipt = await bench.desk.read_back(first)
            assert receipt is not None
            assert receipt.outcome is Outcome.HALF_GRANTED
            other = dataclasses.replace(first, payload={"reason": "something else"})
            assert await refusal(bench.desk.deliver(other)) == RefusalCode.ID_REUSED
            assert (await bench.desk.deliver(first)).decision_id == first.decision_id
            assert (await bench.desk.escalation(key)).row.approvals == 1
            second = await decision(bench, key, by=BEN)
            assert second.opened_in == first.opened_in
            await bench.desk.deliver(second)
            await settled(bench, second)
            await settled(bench, first)
            assert len(bench.effects(second.decision_id) + bench.effects(first.decision_id)) == 1

    host.run(run())


def test_after_a_reset_old_decisions_are_superseded_and_the_list_shows_what_waits_now(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            old = await decision(bench, key)
            await reset_to_start(bench, key.run)

            async def anew() -> EscalationKey | None:
                waiting = [one for one in await listed(bench.desk) if one.run == key.run]
                if not waiting:
                    return None
                try:
                    shown = await bench.desk.escalation(waiting[0])
                except Refused:
                    return None
                return waiting[0] if shown.opened_in != old.opened_in else None

            again = await until(bench, anew, "the wait after the reset")
            assert await refusal(bench.desk.deliver(old)) in RefusalCode.SUPERSEDING
            new = await decision(bench, again)
            assert new.digest != old.digest
            rows = [row async for page in bench.desk.waiting() for row in page if row.key == again]
            assert [row.digest for row in rows] == [new.digest]
            await bench.desk.deliver(new)
            await settled(bench, new)
            assert bench.effects(old.decision_id) == []
            assert len(bench.effects(new.decision_id)) == 1

    host.run(run())


def test_without_a_worker_a_decision_is_uncertain_until_one_is_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = Host(tmp_path_factory.mktemp("tower"))
    own.start()

    async def run() -> None:
        async with tower_bench(own) as bench:
            hasty = TemporalEngine(TemporalSettings(address=own.address, decide_within=1.5, read_within=1.5))
            await hasty.open()
            key = await bench.open(Ask())
            sent = await decision(bench, key)
            taken = await decision(bench, await bench.open(Ask()))
            await hasty.deliver(taken)
            await own.stop_worker()
            for asking in (hasty, bench.desk):
                receipt = await asking.read_back(taken)
                assert receipt is not None
                assert receipt.decision_id == taken.decision_id
                assert await asking.read_back(sent) is None
            await error_of(hasty.deliver(sent), Uncertain)
            await error_of(hasty.read_back(sent), Uncertain)
            await error_of(hasty.escalation(key), Unreachable)
            assert (await hasty.run(key.run)).ref == key.run
            assert (await hasty.run(key.run)).why_not_moving
            assert key in await listed(hasty)
            await own.start_worker()
            await hasty.deliver(sent)
            await settled(bench, sent)
            assert ids(await bench.applied(key)) == [sent.decision_id]
            await hasty.close()

    try:
        own.run(run())
    finally:
        own.stop()


def test_a_dozen_decisions_at_once_on_one_run_are_all_answered(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            sent = [await decision(bench, key) for _ in range(12)]
            told = await asyncio.gather(*(bench.desk.deliver(one) for one in sent), return_exceptions=True)
            taken = [one for one in told if isinstance(one, Receipt)]
            refused = [one.code for one in told if isinstance(one, Refused)]
            assert (len(taken), len(refused)) == (1, 11), told
            assert set(refused) <= RefusalCode.SUPERSEDING

    host.run(run())


def test_a_payload_over_the_cap_is_refused_here(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            sent = await decision(bench, key)
            large = dataclasses.replace(sent, payload={"reason": "x" * MAX_PAYLOAD_BYTES})
            assert await refusal(bench.desk.deliver(large)) == RefusalCode.INVALID_PAYLOAD
            assert await bench.arrivals(key) == []

    host.run(run())


Check = Callable[[TemporalEngine, Decision], Awaitable[None]]


async def scripted(host: Host, answer: object, check: Check, *, queries: dict[str, Any] | None = None) -> None:
    """Check a decision on a run that answers it like this."""
    async with (
        connected(host) as (client, engine, identity),
        tower_bench(host) as bench,
        scripted_run.acting(client),
    ):
        key = await bench.open(Ask())
        sent = await decision(bench, key)
        script = {"decide": answer, "queries": {"receipt": {"receipt": None}} | (queries or {})}
        ref = await scripted_run.start(client, identity, script)
        await check(engine, dataclasses.replace(sent, key=dataclasses.replace(key, run=ref)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("decision_id", "another"),
        ("opened_in", "another"),
        ("digest", "0" * 64),
        ("verdict", "reject"),
        ("payload_hash", "0" * 64),
        ("key_id", "another"),
        ("signature", "another"),
    ],
)
def test_a_receipt_that_differs_in_any_part_proves_nothing(host: Host, field: str, value: str) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        error = await error_of(engine.deliver(sent), Uncertain)
        assert field in error.message

    host.run(scripted(host, {"echo": {"payload_hash": payload_of_bench(), field: value}}, check))


def test_a_receipt_that_echoes_everything_is_taken(host: Host) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        assert (await engine.deliver(sent)).decision_id == sent.decision_id

    host.run(scripted(host, {"echo": {"payload_hash": payload_of_bench()}}, check))


@pytest.mark.parametrize("answer", [None, 5, [], {}, {"decision_id": "x"}, "yes", {"echo": {"outcome": "splendid"}}])
def test_an_answer_that_is_no_receipt_leaves_it_uncertain(host: Host, answer: object) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        error = await error_of(engine.deliver(sent), Uncertain)
        assert "cannot be read" in error.message

    host.run(scripted(host, answer, check))


def test_a_refusal_keeps_the_runs_own_code_and_words(host: Host) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        error = await error_of(engine.deliver(sent), Refused)
        assert (error.code, error.message) == ("budget-exceeded", "Too late today.")

    host.run(scripted(host, {"fail": ["budget-exceeded", "Too late today."]}, check))


@pytest.mark.parametrize(
    "said_by_the_server",
    [
        ("AcceptedUpdateCompletedWorkflow", "Workflow Update failed because the Workflow completed."),
        ("UnprocessedUpdate", "Workflow Update is rejected because it wasn't processed by worker."),
    ],
)
def test_a_run_that_ends_or_a_worker_that_goes_around_the_decision_leaves_it_uncertain(
    host: Host, said_by_the_server: tuple[str, str]
) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        await error_of(engine.deliver(sent), Uncertain)

    host.run(scripted(host, {"fail": [*said_by_the_server]}, check))


def test_a_decision_refused_by_the_run_itself_is_settled_by_reading_back(host: Host) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        await error_of(engine.deliver(sent), Refused)
        error = await error_of(engine.read_back(sent), Refused)
        assert error.code == RefusalCode.CHANGED

    host.run(scripted(host, {"fail": [RefusalCode.CHANGED, "It changed."]}, check))


def test_a_run_that_cannot_tell_of_receipts_leaves_it_uncertain(host: Host) -> None:
    async def check(engine: TemporalEngine, sent: Decision) -> None:
        await error_of(engine.read_back(sent), Uncertain)

    host.run(scripted(host, None, check, queries={"receipt": "none of your business"}))


def payload_of_bench() -> str:
    return payload_hash({"reason": "as agreed on the phone"})


async def reset_to_start(bench: TowerBench, ref: RunRef) -> None:
    """Reset the run to right after its first workflow task, without what came later."""
    client: Client = bench.client
    async for event in client.get_workflow_handle(ref.run_id).fetch_history_events():
        if event.HasField("workflow_task_completed_event_attributes"):
            first = event.event_id
            break
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=ref.run_id),
            reason="test",
            workflow_task_finish_event_id=first,
            request_id=f"reset-{ref.run_id}",
        )
    )
