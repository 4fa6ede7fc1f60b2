"""The till's plan as it was changed while runs of it were under way: looked at first, and paid with a reason."""

from __future__ import annotations

from dataclasses import replace

from console.domain.risk import Risk
from console.tower.desk import Desk
from console.tower.plan import FailurePolicy, StepSpec
from console.tower.policy import Clause, Policy
from console.tower.staff import Report, StaffedPlan
from tests import till

MODULE = "tests.till_two"
LOOK = "look"
TEXT = "Payments need a reason since this month."


async def work(desk: Desk) -> Report:
    """Look, or propose as before."""
    if desk.call.step == LOOK:
        desk.reason("Looked at it")
        return Report(confidence=0.95)
    return await till.propose(desk)


(PAY,) = till.PLAN.steps
PLAN = replace(
    till.PLAN,
    version=2,
    steps=(
        StepSpec(step_id=LOOK, title="Look at it", agent=PAY.agent, time_limit=20, failure=FailurePolicy(attempts=3)),
        replace(PAY, after=(LOOK,)),
    ),
    policy=Policy(clauses=(Clause(name="till", tool=till.TOOL, risk=Risk.HIGH, approvals=1, text=TEXT),)),
)
STAFFED = (StaffedPlan(plan=PLAN, agents={PAY.agent: work}, tools=till.STAFFED[0].tools),)
