"""An agent's desk and the executor, on a real business database, without a server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.run import TrailKind
from console.tower import business, executor
from console.tower.desk import Desk, Missing, Told, Violation
from console.tower.messages import AgentCall, ExecuteCall, Executed, Proposed, Question, RunNames
from console.tower.staff import Report, Workplace
from tests.signing import authority
from tests.tower.conftest import rows
from tests.tower.probe_plan import STAFFED
from tests.verify.people import ANA, BEN, EVA

PROBE = STAFFED[0]
RUN = RunNames("run-1", "chain-1")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    business.create(tmp_path / "business.db")
    return Workplace(plans={"probe": PROBE}, business=tmp_path / "business.db", data=tmp_path, seed=1)


def desk(place: Workplace, **state: Json) -> Desk:
    call = AgentCall(
        run=RUN,
        plan="probe",
        step="pay",
        agent="probe-agent",
        occurrence=2,
        attempt=1,
        time_limit=5.0,
        parameters={},
        state=state,
        made_by=dict.fromkeys(state, "first"),
        caveats=("careful",),
    )
    return Desk(call, PROBE, place)


def test_what_an_agent_reads_is_what_it_used(place: Workplace) -> None:
    one = desk(place, a=1, b=2, c=3)
    assert one.state["a"] == 1
    assert "b" in one.state
    assert one.state.get("missing") is None
    with pytest.raises(Missing, match="the state has no “missing”"):
        one.fact("missing")
    outcome = one.outcome(Report(patch={"d": 4}))
    assert outcome.relied_on == ("a", "b", "missing")
    assert outcome.heard_caveats == ()
    handed = next(entry for entry in outcome.trail if entry["kind"] == TrailKind.HAND_OFF)
    data = handed["data"]
    assert isinstance(data, dict)
    assert (data["from"], data["used"], data["dropped"]) == (["first"], ["a", "b"], ["c"])
    assert (data["caveats"], data["dropped_caveats"]) == (["careful"], ["careful"])


def test_a_caveat_that_was_read_is_heard_and_one_that_was_counted_is_not(place: Workplace) -> None:
    one = desk(place, a=1)
    one.call = replace(one.call, caveats=("careful", "late"), open_questions=("whose?",))
    one.caveats, one.open_questions = Told(one.call.caveats), Told(one.call.open_questions)
    assert (len(one.caveats), bool(one.open_questions)) == (2, True)
    assert one.outcome(Report()).heard_caveats == ()
    assert one.caveats[-1] == "late"
    outcome = one.outcome(Report())
    assert (outcome.heard_caveats, outcome.heard_questions) == (("late",), ())
    assert [*one.caveats, *one.open_questions] == ["careful", "late", "whose?"]
    outcome = one.outcome(Report())
    assert (outcome.heard_caveats, outcome.heard_questions) == (("careful", "late"), ("whose?",))


def test_everything_is_in_the_trail_in_order(place: Workplace) -> None:
    one = desk(place)
    one.prompt("Pay what is owed.")
    found = asyncio.run(one.look_up("till.look", account="own-7", says="{account} holds {balance}"))
    one.reason("Enough money", matters=True)
    one.respond("Done.")
    outcome = one.outcome(Report(patch={"found": found}, caveats=("the till is old",)))
    assert [entry["kind"] for entry in outcome.trail] == [
        "prompt",
        "tool call",
        "reasoning",
        "response",
        "state change",
        "note",
    ]
    assert outcome.trail[1]["title"] == "own-7 holds 7.00"
    assert outcome.led_here == (1, 2, 5)
    assert len({str(entry["entry_id"]) for entry in outcome.trail}) == 6
    assert outcome.tokens > 0
    assert outcome.cost > 0


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("till.look", {"account": "a/b"}, "is outside what probe-agent may read"),
        ("till.look", {"account": ""}, "should be non-empty"),
        ("till.pay", {"account": "own-1", "amount": "1.00"}, "may only propose it"),
    ],
)
def test_a_lookup_outside_the_bounds_is_not_made(
    place: Workplace, tool: str, arguments: dict[str, Json], words: str
) -> None:
    one = desk(place)
    with pytest.raises(Violation, match=words):
        asyncio.run(one.look_up(tool, **arguments))  # type: ignore[arg-type]
    (refused,) = one.trail()
    assert (refused["kind"], refused["is_failed"], refused["data"]) == (TrailKind.GUARDRAIL, True, {"tool": tool})
    assert words in str(refused["text"])


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (Report(patch={"a": float("nan")}), "nan is not representable"),
        (Report(patch={"a": "x" * 300_000}), "findings of 292 KB"),
        (Report(patch={"a": "\ud800"}), "non-UTF-8"),
        (Report(proposals=(Proposed("till.pay", {"amount": float("inf")}, "Pay"),)), "inf is not representable"),
        (Report(proposals=(Proposed("till.pay", {"amount": 2**60}, "Pay"),)), "exceeds safe integer"),
        (Report(proposals=(Proposed("till.pay", {"amount": "x" * 2_000_000}, "Pay"),)), "an outcome of 2,000 KB"),
        (Report(caveats=("x" * 501,)), "one of over 500 characters"),
        (Report(open_questions=("why?",) * 21), "more than 20 caveats or questions"),
        (Report(question=Question("k", "What?", {"type": "odd"})), "the question's schema: not a JSON Schema"),
        (Report(question=Question("k", "What?", {"$ref": "http://x"})), "refers outside itself"),
    ],
)
def test_what_a_run_could_not_hold_or_sign_is_refused(place: Workplace, report: Report, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        desk(place).outcome(report)


def call(**changes: object) -> ExecuteCall:
    given: dict[str, object] = {
        "run": RUN,
        "plan": "probe",
        "step": "pay",
        "agent": "probe-agent",
        "attempt": 1,
        "effect_id": "chain-1/pay/1/1",
        "tool": "till.pay",
        "arguments": {"account": "own-1234567", "amount": "5.00"},
        "parameters": {},
        "decision_id": "d-1",
        "time_limit": 5.0,
    }
    return ExecuteCall(**{**given, **changes})  # type: ignore[arg-type]


def execute(call: ExecuteCall, place: Workplace) -> Executed:
    """Execute on a tower where the usual people are enrolled."""
    return asyncio.run(executor.execute(call, place, authority(ANA, BEN, EVA), RUN.run_id))


def test_the_executor_acts_once_and_shows_no_secret(place: Workplace) -> None:
    first = execute(call(), place)
    again = execute(call(attempt=2), place)
    assert again.effect == first.effect
    assert rows(place.business, "SELECT recipient, subject FROM messages") == [("own-1234567", "5.00")]
    assert "own-1234567" not in str([entry["data"] for entry in first.trail][1]["arguments"])  # type: ignore[call-overload,index]
    assert "done before under the same key" in str(again.trail[1]["title"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plan": "other"}, "does not know plan other"),
        ({"agent": "other"}, "does not know"),
        ({"tool": "till.burn"}, "does not know"),
        ({"tool": "till.look", "arguments": {"account": "own-1"}}, "is a lookup"),
        ({"arguments": {"account": "strange", "amount": "5.00"}}, "is outside what probe-agent may write"),
        ({"arguments": {"account": "own-1", "amount": "50000.01"}}, "over the limit"),
        ({"arguments": {"account": "own-1"}}, "'amount' is a required property"),
    ],
)
def test_a_violation_is_never_executed(place: Workplace, changes: dict[str, object], words: str) -> None:
    with pytest.raises(Violation, match=words):
        execute(call(**changes), place)
    assert rows(place.business, "SELECT * FROM effects") == []


def test_a_key_for_another_call_and_a_rate_that_is_passed_are_violations(place: Workplace) -> None:
    execute(call(), place)
    other = call(arguments={"account": "own-1", "amount": "6.00"})
    with pytest.raises(Violation, match="was done with other arguments"):
        execute(other, place)
    tools = tuple(replace(tool, per_hour=2) for tool in PROBE.plan.tools)
    slow = replace(place, plans={"probe": replace(PROBE, plan=replace(PROBE.plan, tools=tools))})
    execute(call(effect_id="e2"), slow)
    with pytest.raises(Violation, match="2 times in the last hour"):
        execute(call(effect_id="e3"), slow)
