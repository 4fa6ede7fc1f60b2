"""A plan whose only step fails at once, in words that differ by order and hour; told why to try again, it succeeds."""

from __future__ import annotations

from console.tower.desk import Desk
from console.tower.plan import AgentSpec, FailurePolicy, Plan, StepSpec
from console.tower.policy import Policy
from console.tower.staff import Report, StaffedPlan

NAME = "posting"
STEP = "ledger-post"


class LedgerLocked(Exception):
    """The ledger cannot be written to."""


async def clerk(desk: Desk) -> Report:
    """Post once somebody has said that it can be done."""
    order = str(desk.parameters["order"])
    if not desk.note:
        raise LedgerLocked(f"the period of order {order} is locked until 10:{int(order) % 60:02d}")
    return Report(patch={"posted": order}, confidence=0.9)


PLAN = Plan(
    name=NAME,
    version=1,
    owner="Accounting",
    tools=(),
    policy=Policy(clauses=()),
    agents=(AgentSpec(name="posting-clerk", owner="Accounting"),),
    steps=(
        StepSpec(
            step_id=STEP,
            title="Post the order",
            agent="posting-clerk",
            time_limit=20.0,
            failure=FailurePolicy(attempts=1, first_wait=0.05),
        ),
    ),
)
STAFFED = (StaffedPlan(plan=PLAN, agents={"posting-clerk": clerk}, tools={}),)
