from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from console.domain.escalation import Target, TargetKind
from console.domain.identity import Role
from console.domain.risk import Risk
from console.tower.messages import RunStart
from console.tower.plan import FailurePolicy, Gate, Plan, PlanRefused, checked, problems
from console.tower.plans import STAFFED
from console.tower.policy import Clause, Policy
from console.tower.staff import load
from tests.tower.probe_plan import PLAN


def step(plan: Plan, name: str, /, **changes: object) -> Plan:
    """The plan with one step changed."""
    steps = (replace(one, **changes) if one.step_id == name else one for one in plan.steps)  # type: ignore[arg-type]
    return replace(plan, steps=tuple(steps))


def nobody_approves(plan: Plan) -> Plan:
    clause = Clause(name="odd", tool="till.pay", risk=Risk.HIGH, approvals=1, text="", roles=(Role.VIEWER,))
    return replace(plan, policy=Policy(clauses=(clause,)))


REFUSED: list[tuple[str, Callable[[Plan], Plan]]] = [
    ("step first: unknown agent nobody", lambda p: step(p, "first", agent="nobody")),
    ("step pay: unknown agent x", lambda p: step(p, "pay", reroute=(Target(TargetKind.AGENT, "x", "X"),))),
    (
        "step pay: reroute to a team is not possible",
        lambda p: step(p, "pay", reroute=(Target(TargetKind.TEAM, "x", "X"),)),
    ),
    (
        "step pay: tool till.pay is outside the grant of probe-agent",
        lambda p: replace(p, agents=tuple(replace(one, tools=()) for one in p.agents)),
    ),
    ("step first: till.look is not a tool that acts", lambda p: step(p, "first", tools=("till.look",))),
    ("a cycle: ", lambda p: step(p, "first", after=("last",))),
    ("step first follows unknown step x", lambda p: step(p, "first", after=("x",))),
    ("step first is there twice", lambda p: replace(p, steps=(*p.steps, p.steps[0]))),
    ("step id 'a.b' must not hold a dot", lambda p: step(p, "last", step_id="a.b")),
    ("step pay: no failure policy", lambda p: step(p, "pay", failure=None)),
    ("its failure policy allows no attempt", lambda p: step(p, "pay", failure=FailurePolicy(attempts=0))),
    ("step pay: no time limit", lambda p: step(p, "pay", time_limit=None)),
    ("step pay: no time limit", lambda p: step(p, "pay", time_limit=0.0)),
    ("gate g has nobody who may decide", lambda p: step(p, "pay", gate=Gate(name="g", roles=()))),
    ("gate g has nobody who may decide", lambda p: step(p, "pay", gate=Gate(name="g", roles=(Role.VIEWER,)))),
    ("gate g has nothing to decide", lambda p: step(p, "last", gate=Gate(name="g"))),
    ("rule odd asks for approval, and nobody may give it", nobody_approves),
    ("last is not before it", lambda p: step(p, "pay", returns_to=("last",))),
    ("sending back to first would run pay again, which acts", lambda p: step(p, "last", returns_to=("first",))),
    (
        "tool till.look: refers outside itself: http://x/y",
        lambda p: replace(p, tools=(p.tools[0], replace(p.tools[1], schema={"$ref": "http://x/y"}))),
    ),
    (
        "tool till.look: not a JSON Schema",
        lambda p: replace(p, tools=(p.tools[0], replace(p.tools[1], schema={"type": "what"}))),
    ),
    ("is granted the unknown tool till.look", lambda p: replace(p, tools=p.tools[:1])),
]


@pytest.mark.parametrize(("words", "broken"), REFUSED, ids=[words for words, _ in REFUSED])
def test_loading_refuses(words: str, broken: Callable[[Plan], Plan]) -> None:
    assert problems(PLAN) == ()
    with pytest.raises(PlanRefused, match="is refused") as caught:
        checked(broken(PLAN), agents={"probe-agent", "second-agent", "nobody2"}, tools={"till.pay", "till.look"})
    assert any(words in problem for problem in caught.value.problems), caught.value.problems


def test_a_plan_without_its_code_is_refused() -> None:
    with pytest.raises(PlanRefused, match=r"no code for agent second-agent; no code for tool till.look"):
        checked(PLAN, agents={"probe-agent"}, tools={"till.pay"})


def test_the_sample_plans_load_and_no_name_comes_twice() -> None:
    assert set(load(["console.tower.plans"])) == {staffed.plan.name for staffed in STAFFED}
    with pytest.raises(PlanRefused, match="two plans"):
        load(["console.tower.plans", "console.tower.plans"])


def test_what_runs_again_when_work_is_sent_back() -> None:
    close = next(staffed.plan for staffed in STAFFED if staffed.plan.name == "month-end-close")
    assert close.between("propose", "post") == ("propose", "check", "post")
    assert close.behind("check") == ("post", "report")
    assert close.before("match") == {"read-book", "read-bank"}


def test_a_start_is_json_and_back() -> None:
    adapter = TypeAdapter(RunStart)
    start = RunStart(plan=PLAN, title="t", business_key="k", started_by="s", parameters={"a": [1, "b", None]})
    assert adapter.validate_json(adapter.dump_json(start)) == start
