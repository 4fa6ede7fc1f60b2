"""The cheapest plan with gates: one agent proposes payments, a person decides each, the till pays.

Invariant: what is paid for which account, and under which idempotency key, follows from numbers and names alone, so
that a test can say it beforehand. A run may hold several payments, one after the other; they are numbered through.
"""

from __future__ import annotations

from temporalio.client import Client

from console.domain.canonical import Json
from console.domain.risk import Risk
from console.tower import wire
from console.tower.desk import Desk
from console.tower.generator import start_run
from console.tower.messages import Proposed, RunStart
from console.tower.plan import AgentSpec, FailurePolicy, OnReject, Plan, StepSpec, ToolSpec
from console.tower.policy import Clause, Policy
from console.tower.schemas import TEXT, form
from console.tower.staff import Report, StaffedPlan, ToolUse

MODULE = "tests.till"
STEP = "pay"
TOOL = "till.pay"
MONEY: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,6}[.][0-9]{2}$", "title": "Amount in euros"}


def account(number: int) -> str:
    """The account that the payment of a number goes to."""
    return f"account-{number}"


def amount(number: int) -> str:
    """What the payment of a number pays, in euros."""
    return f"{100 + number}.{number % 100:02}"


def run_id(number: int) -> str:
    """The run of a number."""
    return f"till-{number}"


def number_of(name: str, occurrence: int = 1, payments: int = 1) -> int:
    """The number of a run's payment, where each run holds so many."""
    return int(name.removeprefix(run_id(0)[:-1])) * payments + occurrence - 1


def effect_id(chain_id: str, occurrence: int = 1) -> str:
    """The key under which a run makes one of its payments: its chain, the step and its turn, the proposal."""
    return f"{chain_id}/{STEP}/1/{occurrence}"


async def begin(client: Client, number: int, payments: int = 1) -> None:
    """Start the run of a number, with so many payments, unless it is or was there."""
    start = RunStart(
        plan=PLAN,
        title=f"Payment {number}",
        business_key=str(number),
        started_by="schedule",
        parameters={"number": number, "payments": payments},
    )
    await start_run(client, start, run_id(number), wire.TASK_QUEUE)


async def propose(desk: Desk) -> Report:
    """Propose what the run's parameters say."""
    first, payments = int(str(desk.parameters["number"])), int(str(desk.parameters["payments"]))
    numbers = range(first * payments, (first + 1) * payments)
    desk.reason(f"{len(numbers)} payments are due", matters=True)
    return Report(proposals=tuple(map(_payment, numbers)), confidence=0.95)


def _payment(number: int) -> Proposed:
    arguments: dict[str, Json] = {"account": account(number), "amount": amount(number)}
    return Proposed(TOOL, arguments, f"Pay €{amount(number)} to {account(number)}")


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
            step_id=STEP,
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
