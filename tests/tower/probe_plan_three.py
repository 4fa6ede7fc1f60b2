"""The probe plan as it was changed once more: it has another agent, and no till any more."""

from __future__ import annotations

from dataclasses import replace

from console.tower.plan import StepSpec
from console.tower.staff import StaffedPlan
from tests.tower import probe_plan
from tests.tower.probe_plan import LOOKUP, QUICK

PLAN = replace(
    probe_plan.PLAN,
    version=3,
    agents=(replace(probe_plan.PLAN.agents[1], tools=("till.look",)),),
    tools=(LOOKUP,),
    steps=(StepSpec(step_id="other", title="Other", agent="second-agent", time_limit=20, failure=QUICK),),
)
STAFFED = (StaffedPlan(plan=PLAN, agents={"second-agent": probe_plan.work}, tools={"till.look": probe_plan.look}),)
