"""A plan for probing: each of its steps does what the run's parameters say for it.

Steps: ``first`` and ``beside`` at once, then ``pay``, then ``last``. A parameter named like a step holds what its agent
does: ``{"find": {…}, "read": […], "pay": {"account", "amount"}, "ask": true, "fail": true, "confidence": 0.5,
"caveat": "…", "back": "first", "sleep": 1, "set": {…}, "wait": "x", "hear": true}``: ``set`` sets facts by their own
names, ``wait`` ends once the file ``x-step-occurrence`` is there. A payment out of the till is a row of ``messages``:
the account in ``recipient``, the amount in ``subject``.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from console.domain.canonical import Json
from console.domain.escalation import Target, TargetKind
from console.domain.identity import Role
from console.domain.risk import Risk
from console.tower.desk import Desk, dicts, items
from console.tower.messages import Proposed, Question
from console.tower.plan import AgentSpec, Budgets, FailurePolicy, OnReject, Plan, StepSpec, Then, ToolSpec
from console.tower.policy import DECIDERS, Clause, Policy
from console.tower.schemas import TEXT, form
from console.tower.staff import Report, StaffedPlan, ToolUse

NAME = "probe"
QUICK = FailurePolicy(attempts=2, first_wait=0.05)
LONGEST_WAIT = 90.0
LOOP: list[asyncio.AbstractEventLoop] = []


class Locked(Exception):
    """The till is locked."""


async def work(desk: Desk) -> Report:
    """Do what the parameters say for this step."""
    LOOP[:] = [asyncio.get_running_loop()]
    does = desk.parameters.get(desk.call.step, {})
    assert isinstance(does, dict)
    desk.prompt(f"Do {desk.call.step}")
    desk.reason("Thinking", matters=True)
    if seconds := does.get("sleep"):
        await asyncio.sleep(float(str(seconds)))
    for key in items(does.get("read")):
        desk.state.get(str(key))
    if does.get("hear"):
        desk.respond(" ".join((*desk.caveats, *desk.open_questions)))
    if does.get("wait"):
        await desk.look_up("till.look", account=f"{does['wait']}-{desk.call.step}-{desk.call.occurrence}")
    if does.get("fail") and not desk.note:
        raise Locked("the file is locked")
    if does.get("ask") and "wanted" not in desk.state:
        return Report(question=Question("wanted", "How much?", form(amount=TEXT), {"amount": "1.00"}))
    found = does.get("find")
    patch = {**found} if isinstance(found, dict) else {}
    patch["by"] = desk.call.agent
    sets = does.get("set")
    pays = does.get("pay", [])
    accounts = [pays] if isinstance(pays, dict) else dicts(pays)
    proposals = tuple(
        Proposed("till.pay", one, f"Pay {one['amount']} to {str(one['account'])[:40]}") for one in accounts
    )
    confidence = does.get("confidence") if not desk.note else 1.0
    return Report(
        patch={f"{desk.call.step}_found": patch, **(sets if isinstance(sets, dict) else {})},
        proposals=proposals,
        confidence=float(str(confidence)) if confidence else None,
        caveats=tuple(str(one) for one in [does.get("caveat")] if one),
        back_to=str(does.get("back", "")),
    )


def pay(use: ToolUse) -> dict[str, Json]:
    """Pay out of the till. Account ``locked`` fails while the file of that name is there, ``dead`` hangs after it."""
    account = str(use.arguments["account"])
    if account == "locked" and (use.data / "locked").exists():
        raise Locked("the till is locked")
    values = (use.effect_id, account, str(use.arguments["amount"]), "", use.at.isoformat())
    use.db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", values)
    if account == "inside":
        (use.data / "inside").parent.mkdir(parents=True, exist_ok=True)
        (use.data / "inside").touch()
        _wait_for(use.data / "let-go", 60)
    if account == "dead" and not (use.data / "let-go").exists():
        # What is paid is committed right after this, and the worker's loop cannot tell anybody.
        LOOP[0].call_soon_threadsafe(time.sleep, 60)
    return {"paid": str(use.arguments["amount"])}


def look(use: ToolUse) -> dict[str, Json]:
    """Look at an account. ``wait-…`` answers once a file of that name is there."""
    account = str(use.arguments["account"])
    if account.startswith("wait"):
        _wait_for(use.data / account, LONGEST_WAIT)
    return {"balance": "7.00", "account": str(use.arguments["account"])}


def _wait_for(file: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


MONEY: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,6}[.][0-9]{2}$"}
TILL = ToolSpec(
    name="till.pay",
    resource="till/{account}",
    schema=form(account={**TEXT, "maxLength": 300_000}, amount=MONEY),
    acts=True,
    amount="amount",
    most="50000",
    per_hour=200,
    secret=("account",),
)
LOOKUP = ToolSpec(name="till.look", resource="till/{account}", schema=form(account=TEXT))


def clause(over: str, risk: Risk, approvals: int, roles: tuple[Role, ...] = DECIDERS) -> Clause:
    """A line of the till's policy."""
    text = "Over {over}: this is {amount}."
    return Clause(name="till", tool="till.pay", over=over, risk=risk, approvals=approvals, text=text, roles=roles)


PLAN = Plan(
    name=NAME,
    version=1,
    owner="Bench",
    agents=tuple(
        AgentSpec(
            name=name,
            owner=f"Owner of {name}",
            tools=("till.pay", "till.look"),
            reads=("till/*",),
            writes=("till/own-*", "till/locked", "till/inside", "till/dead"),
        )
        for name in ("probe-agent", "second-agent")
    ),
    tools=(TILL, LOOKUP),
    steps=(
        StepSpec(step_id="first", title="First", agent="probe-agent", time_limit=20, failure=QUICK),
        StepSpec(step_id="beside", title="Beside", agent="probe-agent", time_limit=20, failure=QUICK),
        StepSpec(
            step_id="pay",
            title="Pay",
            agent="probe-agent",
            after=("first", "beside"),
            tools=("till.pay",),
            time_limit=20,
            failure=QUICK,
            on_reject=OnReject.CONTINUE,
            reroute=(
                Target(TargetKind.AGENT, "second-agent", "The second agent"),
                Target(TargetKind.STEP, "first", "First again"),
            ),
            returns_to=("first",),
            result="payment",
        ),
        StepSpec(
            step_id="last",
            title="Last",
            agent="second-agent",
            after=("pay",),
            time_limit=20,
            failure=FailurePolicy(attempts=1, then=Then.PROCEED),
        ),
    ),
    policy=Policy(
        clauses=(
            clause("", Risk.LOW, 0),
            clause("10", Risk.MEDIUM, 1),
            clause("100", Risk.HIGH, 2),
            clause("1000", Risk.CRITICAL, 2, (Role.SUPERVISOR,)),
        )
    ),
    budgets=Budgets(steps=30, returns=2),
)
STAFFED = (
    StaffedPlan(
        plan=PLAN,
        agents={"probe-agent": work, "second-agent": work},
        tools={"till.pay": pay, "till.look": look},
    ),
)
