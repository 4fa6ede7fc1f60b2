"""The cheapest plan with a gate: one agent proposes one payment, a person decides, the till pays.

Invariant: what is paid for which account follows from the run's number alone, so that a test can say it beforehand.
"""

from __future__ import annotations

from console.domain.canonical import Json
from console.domain.risk import Risk
from console.tower.desk import Desk
from console.tower.messages import Proposed
from console.tower.plan import AgentSpec, FailurePolicy, OnReject, Plan, StepSpec, ToolSpec
from console.tower.policy import Clause, Policy
from console.tower.schemas import TEXT, form
from console.tower.staff import Report, StaffedPlan, ToolUse

MODULE = "tests.journeys.kill.plan"
TOOL = "till.pay"
MONEY: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,6}[.][0-9]{2}$", "title": "Amount in euros"}


def account(number: int) -> str:
    """The account that the run of a number pays."""
    return f"account-{number}"


def amount(number: int) -> str:
    """What the run of a number pays, in euros."""
    return f"{100 + number}.{number % 100:02}"


async def propose(desk: Desk) -> Report:
    """Propose what the run's parameters say."""
    number = int(str(desk.parameters["number"]))
    desk.reason(f"{amount(number)} are due", matters=True)
    arguments: dict[str, Json] = {"account": account(number), "amount": amount(number)}
    summary = f"Pay €{amount(number)} to {account(number)}"
    return Report(proposals=(Proposed(TOOL, arguments, summary),), confidence=0.95)


def pay(use: ToolUse) -> dict[str, Json]:
    """Pay, and note it where refunds are."""
    paid = str(use.arguments["amount"])
    row = (use.effect_id, "", str(use.arguments["account"]), paid, "due", use.at.isoformat())
    use.db.execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?)", row)
    return {"paid": paid}


PLAN = Plan(
    name="till",
    version=1,
    owner="Bench",
    agents=(AgentSpec(name="till-agent", owner="Bench", tools=(TOOL,), writes=("till/*",)),),
    tools=(ToolSpec(name=TOOL, resource="till/{account}", schema=form(account=TEXT, amount=MONEY), acts=True),),
    steps=(
        StepSpec(
            step_id="pay",
            title="Pay",
            agent="till-agent",
            tools=(TOOL,),
            time_limit=20,
            failure=FailurePolicy(attempts=3, first_wait=0.2),
            on_reject=OnReject.CONTINUE,
            result="payment",
        ),
    ),
    policy=Policy(
        clauses=(Clause(name="till", tool=TOOL, risk=Risk.MEDIUM, approvals=1, text="Every payment is decided."),)
    ),
)
STAFFED = (StaffedPlan(plan=PLAN, agents={"till-agent": propose}, tools={TOOL: pay}),)
