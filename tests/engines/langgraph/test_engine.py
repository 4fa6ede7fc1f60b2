"""What is particular to LangGraph, on a real server.

Several things in one interrupt or beside each other, answers that would break a thread and threads that are broken, and
who was first where the server tells nobody.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from console.domain.canonical import Json
from console.domain.digest import escalation_digest
from console.domain.errors import RefusalCode
from console.domain.escalation import Escalation, EscalationKey, Kind, Verdict
from console.domain.listing import RunQuery
from console.domain.receipt import Outcome
from console.domain.run import RunStatus, StepStatus, TrailKind
from tests.engines.conformance import decision, listed, refusal, settled
from tests.engines.langgraph.bench import LangGraphBench, langgraph_bench
from tests.engines.langgraph.server import LangGraphServer
from tests.signing import BENNO, signed

Story = Callable[[LangGraphBench], Awaitable[None]]


@pytest.fixture
def on(server: LangGraphServer) -> Callable[[Story], None]:
    async def whole(story: Story) -> None:
        async with langgraph_bench(server) as bench:
            await story(bench)

    return lambda story: asyncio.run(whole(story))


def calls(*asked: tuple[str, dict[str, Json]]) -> dict[str, Json]:
    """The input of an agent that is to want these."""
    wanted = [{"name": name, "args": arguments} for name, arguments in asked]
    return {"messages": [{"role": "user", "content": json.dumps(wanted)}]}


REFUND: tuple[str, dict[str, Json]] = ("refund", {"order": "4711", "amount": "12.00"})
QUESTION: tuple[str, dict[str, Json]] = ("ask_customer", {"question": "Which colour?"})


def test_calls_beside_each_other_are_decided_each_by_itself(on: Callable[[Story], None]) -> None:
    """While one is sent the other is being decided: its digest holds although the thread has moved."""

    async def story(bench: LangGraphBench) -> None:
        thread = await bench.begin("per_call", calls(REFUND, QUESTION))
        keys = await bench.waiting_in(thread)
        shown = {(await bench.desk.escalation(key)).row.title: key for key in keys}
        refund = next(key for title, key in shown.items() if title.startswith("refund"))
        question = next(key for title, key in shown.items() if title.startswith("ask"))
        asked = await bench.desk.escalation(question)
        assert asked.verdicts == (Verdict.ANSWER,)
        edits = (await bench.desk.escalation(refund)).proposal
        assert edits is not None
        assert edits.schema["required"] == ["order", "amount"]
        answer = await decision(bench, question, Verdict.ANSWER)
        edit = await decision(bench, refund, Verdict.EDIT)
        edit = signed(dataclasses.replace(edit, payload=edit.payload | {"arguments": {"order": "1", "amount": "2"}}))
        await bench.desk.deliver(edit)
        await settled(bench, edit)
        assert question in await listed(bench.desk)
        await bench.other_desk.deliver(answer)
        await settled(bench, answer)
        said = [one["content"] for one in (await bench.values(thread))["messages"] if one["type"] == "tool"]
        assert any("Refunded 2 for order 1." in each for each in said)
        assert "Please be friendlier." in said

    on(story)


def test_what_does_not_fit_is_not_sent_and_breaks_nothing(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        key = await bench.start("plain", {"mode": "schema"})
        shown = await bench.desk.escalation(key)
        assert (shown.row.kind, shown.question) == (Kind.QUESTION, "Which cost centre?")
        assert shown.schema["required"] == ["centre"]
        for answer in ({"centre": "44"}, "4400", {"share": 3}):
            wrong = await decision(bench, key, Verdict.ANSWER)
            wrong = signed(dataclasses.replace(wrong, payload={"answer": answer}))
            assert await refusal(bench.desk.deliver(wrong)) == RefusalCode.INVALID_PAYLOAD
        of_another = signed(dataclasses.replace(await decision(bench, key, Verdict.ANSWER), digest="0" * 64))
        assert await refusal(bench.desk.deliver(of_another)) == RefusalCode.CHANGED
        assert await bench.status(key.run.run_id) == "interrupted"
        right = await decision(bench, key, Verdict.ANSWER)
        right = signed(dataclasses.replace(right, payload={"answer": {"centre": "4400"}}))
        await bench.desk.deliver(right)
        await settled(bench, right)
        assert (await bench.values(key.run.run_id))["answers"] == [{"centre": "4400", "share": 100}]

    on(story)


def test_a_poisoned_thread_is_explained_and_asks_anew_after_a_retry(on: Callable[[Story], None]) -> None:
    """Another console sends what the middleware cannot read, as the web inbox does; then every answer fails."""

    async def story(bench: LangGraphBench) -> None:
        key = await bench.start("batched", calls(REFUND))
        thread = key.run.run_id
        await answer_elsewhere(bench, key, [{"type": "accept", "args": None}])
        failed = (await bench.waiting_in(thread, other_than=key))[0]
        shown = await bench.desk.escalation(failed)
        assert shown.row.kind is Kind.FAILURE
        assert shown.failure.startswith("TypeError")
        assert "keeps that answer" in shown.failure
        retry = await decision(bench, failed, Verdict.RETRY)
        await bench.desk.deliver(retry)
        anew = (await bench.waiting_in(thread, other_than=failed))[0]
        assert anew != key
        approval = await decision(bench, anew)
        await bench.desk.deliver(approval)
        await settled(bench, approval)
        said = [one["content"] for one in (await bench.values(thread))["messages"] if one["type"] == "tool"]
        assert said == ["Refunded 12.00 for order 4711."]
        told = (await bench.desk.trail(key.run, limit=1_000)).entries
        assert "Went back to an earlier snapshot, and on from there" in {entry.title for entry in told}
        assert [entry.title for entry in told if entry.kind is TrailKind.EFFECT] == ["refund returned"]
        assert {entry.title for entry in told if entry.kind is TrailKind.DECISION} == {"Anna: retry", "Anna: approve"}

    on(story)


def test_whoever_was_first_elsewhere_is_told_and_nothing_of_ours_is_applied(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        key = await bench.start("batched", calls(REFUND))
        approval = await decision(bench, key)
        await answer_elsewhere(bench, key, {"decisions": [{"type": "reject"}]})
        await bench.values(key.run.run_id)
        assert await refusal(bench.desk.deliver(approval)) == RefusalCode.ALREADY_DECIDED
        assert await bench.desk.read_back(approval) is None

    on(story)


def test_a_run_whose_answer_came_second_is_superseded_whatever_the_server_says(on: Callable[[Story], None]) -> None:
    """The window that is left: both were taken with 200 and end in success."""

    async def story(bench: LangGraphBench) -> None:
        key = await bench.start("batched", calls(REFUND))
        approval = await decision(bench, key)
        rejection = await decision(bench, key, Verdict.REJECT, by=BENNO)
        for one, said in ((rejection, {"type": "reject"}), (approval, {"type": "approve"})):
            kept: dict[str, Json] = {
                "clearance_decisions": [json.loads(json.dumps(dataclasses.asdict(one), default=str))]
            }
            await answer_elsewhere(bench, key, {"decisions": [said]}, metadata=kept)
            await bench.values(key.run.run_id)
        late = await bench.desk.read_back(approval)
        assert late is not None
        assert (late.outcome, late.message) == (Outcome.SUPERSEDED, f"{BENNO.name} was first.")
        won = await bench.desk.read_back(rejection)
        assert won is not None
        assert won.outcome is Outcome.CARRIED_OUT

    on(story)


def test_two_persons_decide_the_same_action_of_a_batch_and_one_is_kept(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        first, second = await both_of(bench)
        approval = await decision(bench, first)
        rejection = await decision(bench, first, Verdict.REJECT, by=BENNO)
        kept = await bench.desk.deliver(approval)
        assert kept.outcome is Outcome.CONFIRMED
        assert first not in await listed(bench.other_desk)
        assert await refusal(bench.other_desk.deliver(rejection)) == RefusalCode.ALREADY_DECIDED
        assert await bench.desk.deliver(approval) == kept
        last = await decision(bench, second, Verdict.REJECT, by=BENNO, desk=bench.other_desk)
        await bench.other_desk.deliver(last)
        await settled(bench, approval)
        await settled(bench, last)
        said = [one["content"] for one in (await bench.values(first.run.run_id))["messages"] if one["type"] == "tool"]
        assert [each for each in said if each.startswith("Refunded")] == ["Refunded 12.00 for order 4711."]

    on(story)


def test_what_was_kept_of_a_batch_that_was_answered_elsewhere_is_superseded(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        first, second = await both_of(bench)
        approval = await decision(bench, first)
        await bench.desk.deliver(approval)
        await answer_elsewhere(bench, second, {"decisions": [{"type": "reject"}, {"type": "reject"}]})
        await bench.values(first.run.run_id)
        told = await bench.desk.read_back(approval)
        assert told is not None
        assert told.outcome is Outcome.SUPERSEDED

    on(story)


def test_a_run_is_shown_with_its_steps_and_each_state_that_it_had(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        key = await bench.start("batched", calls(REFUND))
        steps = {step.step_id: step for step in await bench.desk.steps(key.run)}
        gate = steps["HumanInTheLoopMiddleware.after_model"]
        assert (steps["model"].status, gate.status) == (StepStatus.DONE, StepStatus.GATE)
        assert gate.after == ("model",)
        assert steps["tools"].status is StepStatus.TO_DO
        now = await bench.desk.state(key.run)
        before = await bench.desk.state(key.run, revision=now.revision - 1)
        messages = [fact.value for fact in (now.facts[0], before.facts[0])]
        assert [len(each) for each in messages if isinstance(each, list)] == [2, 1]
        assert now.facts[0].by_step == "model"
        assert (await refusal(bench.desk.state(key.run, revision=99))) == RefusalCode.UNKNOWN

    on(story)


def test_a_run_at_work_is_stopped_and_asks_nothing_any_more(on: Callable[[Story], None]) -> None:
    async def story(bench: LangGraphBench) -> None:
        thread = await bench.begin("plain", {"mode": "slow"})

        async def command() -> Escalation | None:
            run = (await bench.desk.runs(RunQuery(key=thread))).rows[0]
            offered = await bench.desk.commands(run.ref)
            return offered[0] if run.status is RunStatus.RUNNING and offered else None

        key = (await bench.until(command)).key
        stop = await decision(bench, key, Verdict.CANCEL)
        assert (await bench.desk.deliver(stop)).outcome is Outcome.CARRIED_OUT
        assert await bench.status(thread) == "idle"
        assert await bench.desk.commands(key.run) == ()
        assert await refusal(bench.other_desk.deliver(dataclasses.replace(stop, decision_id="again"))) != ""

    on(story)


async def both_of(bench: LangGraphBench) -> tuple[EscalationKey, EscalationKey]:
    """The keys of a batch's two actions, in their order."""
    thread = await bench.begin("batched", calls(REFUND, ("send_email", {"to": "a", "body": "b"})))
    first, second = sorted(await bench.waiting_in(thread), key=lambda key: key.native_id)
    assert escalation_digest(await bench.desk.escalation(first)) != ""
    return first, second


async def answer_elsewhere(
    bench: LangGraphBench, key: EscalationKey, value: Json, *, metadata: dict[str, Json] | None = None
) -> None:
    """Another console resumes the interrupt with whatever it thinks fit."""
    resume: dict[str, Json] = {key.native_id.partition(".")[0]: value}
    run: dict[str, Json] = {"assistant_id": "batched", "command": {"resume": resume}, "metadata": metadata or {}}
    begun = await bench.client.post(f"/threads/{key.run.run_id}/runs", json=run)
    assert begun.status_code == httpx.codes.OK, begun.text
