"""An agent that a model thinks for: what it is offered, what its answers become, and what they never do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.domain.canonical import Json
from console.domain.run import TrailKind
from console.tower import business
from console.tower.desk import Desk, Violation
from console.tower.messages import AgentCall, Outcome, RunNames
from console.tower.model import Model, ModelDenied, ModelRambled, ModelSettings
from console.tower.model_agent import MAX_ROUNDS, scrubbed, with_model
from console.tower.plans import incident_plan, samples
from console.tower.staff import AgentFunction, Report, Workplace, load
from console.tower.worker import RUNBOOK_AGENT, SAMPLE_PLANS
from tests.model_stub import Body, Reply, Stub, fails, one_after_the_other, says, stub

KEY = "sk-opens-nothing-at-all-1234"
SEED = 99
FINISH = ("finish", {"conclusion": "One host.", "confidence": 0.9, "caveats": ["seen once"], "open_questions": []})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("place")
    business.create(folder / "business.db")
    return Workplace(plans=load(SAMPLE_PLANS), business=folder / "business.db", data=folder, seed=SEED)


@pytest.fixture(scope="module")
def handed(place: Workplace) -> AgentCall:
    """The call of the runbook agent for the first alert, with the state that the agents before it found."""
    one = samples.incident_sample(0, data=place.data, seed=SEED)
    state: dict[str, Json] = {}
    call = AgentCall(
        run=RunNames("run", "chain"),
        plan=incident_plan.NAME,
        step="read-log",
        agent="log-agent",
        occurrence=1,
        attempt=1,
        time_limit=45.0,
        parameters=one.parameters,
        state=state,
        caveats=("a caveat that was handed over",),
    )
    for step in ("read-log", "read-metrics", "diagnose", "check"):
        agent = incident_plan.PLAN.step(step).agent
        desk = Desk(replace(call, step=step, agent=agent, state={**state}), incident_plan.STAFFED, place)
        state |= report_of(incident_plan.STAFFED.agents[agent], desk).patch or {}
    return replace(call, step="mitigate", agent="runbook-agent", state=state)


def report_of(agent: AgentFunction, desk: Desk) -> Report:
    """What an agent reports."""

    async def work() -> Report:
        return await agent(desk)

    return asyncio.run(work())


def turn(one: Stub, place: Workplace, call: AgentCall, desks: list[Desk] | None = None, **more: Any) -> Outcome:  # noqa: ANN401
    settings = ModelSettings(url=one.url, model="m", api_key=KEY, price_in=1.0, price_out=10.0, **more)
    staffed = with_model(place.plans, Model(settings), (RUNBOOK_AGENT,))[incident_plan.NAME]
    desk = Desk(call, staffed, place)
    (desks if desks is not None else []).append(desk)
    return desk.outcome(report_of(staffed.agents["runbook-agent"], desk))


def restart(call: AgentCall, **changes: Json) -> tuple[str, Body]:
    given = {"service": "payments", "host": "payments-1", "at_stake": "210.00", **call.parameters, **changes}
    return "propose_services__restart", {"summary": "Restart payments-1 of payments", "arguments": given}


def test_it_looks_up_and_proposes_and_all_of_it_is_on_record(place: Workplace, handed: AgentCall) -> None:
    where = dict(handed.parameters)
    replies = [
        says("Let me look.", ("deploys__list", where), reasoning="Was there a deploy?", usage=(1_000, 100)),
        says("", restart(handed), FINISH, usage=(2_000, 50)),
    ]
    with stub(one_after_the_other(replies)) as one:
        outcome = turn(one, place, handed)
    (proposed,) = outcome.proposals
    assert (proposed.tool, proposed.summary) == ("services.restart", "Restart payments-1 of payments")
    assert proposed.arguments == restart(handed)[1]["arguments"]
    assert proposed.critical_name == "payments"
    assert [change.label for change in proposed.changes] == [
        "payments, hosts in service meanwhile",
        "payments-1, requests that fail",
    ]
    assert (outcome.confidence, outcome.caveats) == (0.9, ("seen once",))
    assert outcome.heard_caveats == handed.caveats
    assert set(handed.state) <= set(outcome.relied_on)
    assert outcome.tokens == 3_150
    assert outcome.cost == pytest.approx((3_000 * 1.0 + 150 * 10.0) / 1_000_000)
    kinds = [entry["kind"] for entry in outcome.trail]
    assert kinds[:4] == [TrailKind.PROMPT, TrailKind.REASONING, TrailKind.RESPONSE, TrailKind.TOOL_CALL]
    prompt, _, response, looked, *_ = outcome.trail
    assert prompt["title"] == "Prompt to runbook-agent (m)"
    assert "a caveat that was handed over" in str(prompt["text"])
    assert "deploys__list" in str(response["text"])
    assert looked["title"] == "deploys.list"
    assert [outcome.trail[index]["title"] for index in outcome.led_here] == ["One host.", "Caveat: seen once"]
    assert KEY not in outcome.model_dump_json()
    _, second = one.requests
    assert [said["role"] for said in second[1]["messages"]] == ["system", "user", "assistant", "tool"]
    assert json.loads(second[1]["messages"][3]["content"]) == {"deploys": [], "count": 0}


def test_it_is_offered_its_lookups_its_proposals_and_nothing_that_acts(place: Workplace, handed: AgentCall) -> None:
    with stub(lambda _: says("", FINISH)) as one:
        turn(one, place, handed)
    ((_, body),) = one.requests
    offered = {each["function"]["name"]: each["function"]["parameters"] for each in body["tools"]}
    assert set(offered) == {
        "services__list",
        "deploys__list",
        "propose_services__restart",
        "propose_services__roll_back",
        "propose_services__scale",
        "ask_person",
        "finish",
    }
    schema = offered["propose_services__scale"]["properties"]["arguments"]
    assert schema == incident_plan.PLAN.tool("services.scale").schema


@pytest.mark.parametrize(
    "call",
    [
        ("services__restart", {}),
        ("services.restart", {}),
        ("logs__read", {}),
        ("propose_status__publish", {}),
        ("rm -rf /", {}),
        ("", {}),
        ("deploys__list", {"alert": "A-501", "area": "people"}),
    ],
    ids=str,
)
def test_what_it_was_not_granted_is_a_violation(place: Workplace, handed: AgentCall, call: tuple[str, Body]) -> None:
    with stub(lambda _: says("", call, FINISH)) as one, pytest.raises(Violation):
        turn(one, place, handed)


@pytest.mark.parametrize(
    "wrong",
    [
        "{broken",
        "[]",
        "[" * 50_000,
        {"summary": "x"},
        {"summary": "x", "arguments": "y"},
        {"summary": "x", "arguments": {"service": "payments"}},
        {"summary": "x" * 121, "arguments": {}},
        '{"summary": "x", "arguments": {"hosts": NaN}}',
        '{"summary": "\\ud800", "arguments": {}}',
    ],
    ids=lambda wrong: str(wrong)[:30],
)
def test_what_does_not_fit_is_told_and_may_be_put_right(place: Workplace, handed: AgentCall, wrong: Body | str) -> None:
    replies = [says("", (restart(handed)[0], wrong), FINISH), says("", restart(handed), FINISH)]
    with stub(one_after_the_other(replies)) as one:
        outcome = turn(one, place, handed)
    assert [each.tool for each in outcome.proposals] == ["services.restart"]
    told = [said["content"] for said in one.requests[1][1]["messages"] if said["role"] == "tool"]
    assert told[0].startswith("error: ")


def endless(body: Body) -> Reply:
    return says("I think about it.") if len(body["messages"]) % 4 else says("", ("services__list", {"area": "shop"}))


@pytest.mark.parametrize(
    ("answers", "more", "words"),
    [
        (endless, {}, f"no end in {MAX_ROUNDS} answers"),
        (lambda _: says("", ("propose_services__scale", "{}"), usage=(30_000, 11_000)), {}, "used 41,000 tokens"),
        (lambda _: says("", ("finish", {"confidence": 7})), {}, "no end"),
        (lambda _: says("", usage=(60, 50)), {"turn_tokens": 100}, "used 110 tokens"),
    ],
)
def test_a_model_that_leads_nowhere_is_a_failure(
    place: Workplace, handed: AgentCall, answers: Callable[[Body], Reply], more: dict[str, int], words: str
) -> None:
    desks: list[Desk] = []
    with stub(answers) as one, pytest.raises(ModelRambled, match=words):
        turn(one, place, handed, desks, **more)
    assert len(one.requests) <= MAX_ROUNDS
    assert TrailKind.RESPONSE in {entry["kind"] for entry in desks[0].trail()}


def test_what_was_asked_is_on_record_where_no_answer_came(place: Workplace, handed: AgentCall) -> None:
    desks: list[Desk] = []
    with stub(lambda _: fails(401, f"bad key {KEY}")) as one, pytest.raises(ModelDenied) as caught:
        turn(one, place, handed, desks)
    (prompt,) = desks[0].trail()
    assert prompt["kind"] == TrailKind.PROMPT
    assert KEY not in str(caught.value)


def test_it_may_ask_a_person_and_may_propose_nothing(place: Workplace, handed: AgentCall) -> None:
    with stub(lambda _: says("", ("ask_person", {"question": "Is the sale on?"}))) as one:
        asked = turn(one, place, handed)
    assert asked.question is not None
    assert (asked.question.text, asked.proposals) == ("Is the sale on?", ())
    with stub(lambda _: says("", FINISH)) as one:
        nothing = turn(one, place, handed)
    assert nothing.patch == {"step": {"outcome": "none", "reason": "One host."}}


def test_what_it_writes_stays_text_and_secrets_are_cut(place: Workplace, handed: AgentCall) -> None:
    hostile = f"\u202e<b>approve</b> ${{x}} {{amount}} password=hunter2 {KEY}"
    finish = ("finish", {**FINISH[1], "conclusion": hostile, "caveats": [hostile]})
    _, given = restart(handed)
    with stub(lambda _: says(hostile, ("propose_services__restart", {**given, "summary": hostile}), finish)) as one:
        outcome = turn(one, place, handed)
    shown = "\u202e<b>approve</b> ${x} {amount} ···· ····"
    assert outcome.proposals[0].summary == shown
    assert outcome.caveats == (shown,)
    whole = outcome.model_dump_json()
    assert KEY not in whole
    assert "hunter2" not in whole


def test_secrets_in_the_state_do_not_leave(place: Workplace, handed: AgentCall) -> None:
    call = replace(handed, state={**handed.state, "log_texts": ["token: abcdef123456", "Bearer xyz.abc"]})
    with stub(lambda _: says("", FINISH)) as one:
        turn(one, place, call)
    sent = json.dumps(one.requests[0][1])
    assert "abcdef123456" not in sent
    assert "xyz.abc" not in sent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sk-abcdefghijklmnop1234", "····"),
        ("api_key=abc, next", "···· next"),
        ("Authorization: Bearer abc.def", "Authorization: ····"),
        ("mine is planted-secret.", "mine is ····."),
        ("tokens are counted, a password is asked for", "tokens are counted, a password is asked for"),
    ],
)
def test_secrets_are_known_by_their_looks(text: str, expected: str) -> None:
    assert scrubbed(text, "planted-secret", "") == expected


@pytest.mark.parametrize("name", ["incident-response/log-agent", "unknown/runbook-agent", "runbook-agent"])
def test_only_agents_with_a_brief_can_be_a_model(place: Workplace, name: str) -> None:
    model = Model(ModelSettings(url="https://models.example.com/v1", model="m"))
    with pytest.raises(ValueError, match="it can be: incident-response/runbook-agent"):
        with_model(place.plans, model, (name,))


def test_without_a_model_nothing_changes(tmp_path: Path) -> None:
    assert load(SAMPLE_PLANS)[incident_plan.NAME] is incident_plan.STAFFED
    assert not tmp_path.joinpath("business.db").exists()
