"""A plan for the bench: one step that asks a person for whatever the run's parameters say.

Parameters: ``ask`` (approval, answer, retry or slow), ``risk`` (1 to 4), ``approvals``, ``account``, and ``document``,
how many megabytes the clerk writes first. What the tool was called with is kept in a table of its own, in the
executor's transaction. Under the name of ``LEASED`` only one run at a time may be about to post to an account.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace

from console.domain.canonical import Json
from console.domain.escalation import Target, TargetKind
from console.domain.risk import Risk
from console.tower.desk import Desk
from console.tower.messages import Proposed, Question
from console.tower.plan import AgentSpec, FailurePolicy, Plan, StepSpec, ToolSpec
from console.tower.policy import Clause, Policy
from console.tower.staff import Report, StaffedPlan, ToolUse

NAME = "bench"
STEP = "post"
SLOW = 15.0
DOCUMENT = "A line of a long document, in €.\n"
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"account": {"type": "string"}, "amount": {"type": "string"}, "text": {"type": "string"}},
    "required": ["account", "amount"],
}
ANSWER_SCHEMA: dict[str, Json] = {"type": "object", "properties": {"centre": {"type": "string"}}}
COMBINATIONS = tuple(itertools.product(Risk, (1, 2)))


def tool_name(risk: int, approvals: int) -> str:
    """The tool that weighs so much and needs so many."""
    return f"post.r{risk}.a{approvals}"


async def clerk(desk: Desk) -> Report:
    """Ask once for what the parameters say, then be content."""
    ask = desk.parameters["ask"]
    desk.prompt("Post what was asked for.")
    desk.reason("Looked at the account", "It is open.", matters=True)
    if megabytes := int(str(desk.parameters.get("document", 0))):
        desk.respond(DOCUMENT * (megabytes * 1_000_000 // len(DOCUMENT.encode())))
    if ask == "answer" and "centre" not in desk.state:
        return Report(question=Question("centre", "Which cost centre?", ANSWER_SCHEMA))
    if ask == "slow":
        desk.reason("Still counting")
        await asyncio.sleep(SLOW)
    if ask == "retry" and not desk.note:
        raise RuntimeError("LedgerLocked")
    if ask != "approval":
        return Report(patch={"done": True}, confidence=0.9)
    tool = tool_name(int(str(desk.parameters["risk"])), int(str(desk.parameters["approvals"])))
    arguments: dict[str, Json] = {
        "account": desk.parameters.get("account", "4711"),
        "amount": "240.00",
        **_filling(desk),
    }
    return Report(proposals=(Proposed(tool, arguments, "Post €240.00 to 4711"),), confidence=0.9)


def _filling(desk: Desk) -> dict[str, Json]:
    size = int(str(desk.parameters.get("filling", 0)))
    return {"text": "x" * size} if size else {}


def post(use: ToolUse) -> dict[str, Json]:
    """Keep what it was called with."""
    use.db.execute("CREATE TABLE IF NOT EXISTS posted (effect_id TEXT, arguments TEXT)")
    use.db.execute("INSERT INTO posted VALUES (?, ?)", (use.effect_id, json.dumps(dict(use.arguments))))
    return {"posted": use.effect_id}


PLAN = Plan(
    name=NAME,
    version=1,
    owner="Bench",
    agents=tuple(
        AgentSpec(name=name, owner="Bench", tools=tuple(tool_name(*one) for one in COMBINATIONS), writes=("account/*",))
        for name in ("bench-clerk", "bench-second")
    ),
    tools=tuple(
        ToolSpec(name=tool_name(*one), resource="account/{account}", schema=SCHEMA, acts=True) for one in COMBINATIONS
    ),
    steps=(
        StepSpec(
            step_id=STEP,
            title="Post it",
            agent="bench-clerk",
            tools=tuple(tool_name(*one) for one in COMBINATIONS),
            time_limit=20.0,
            failure=FailurePolicy(attempts=2, first_wait=0.1),
            reroute=(
                Target(TargetKind.AGENT, "bench-clerk", "The clerk"),
                Target(TargetKind.AGENT, "bench-second", "The second clerk"),
            ),
        ),
    ),
    policy=Policy(
        clauses=tuple(
            Clause(
                name=f"bench-{risk}-{approvals}",
                tool=tool_name(risk, approvals),
                risk=risk,
                approvals=approvals,
                text="The bench asks.",
            )
            for risk, approvals in COMBINATIONS
        )
    ),
)

LEASED = replace(PLAN, name="bench-lease", tools=tuple(replace(tool, lease="account/{account}") for tool in PLAN.tools))

STAFFED = tuple(
    StaffedPlan(
        plan=plan,
        agents={"bench-clerk": clerk, "bench-second": clerk},
        tools={tool_name(*one): post for one in COMBINATIONS},
    )
    for plan in (PLAN, LEASED)
)
