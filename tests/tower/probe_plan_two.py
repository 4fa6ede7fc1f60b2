"""The probe plan as it was changed while runs of it were under way: stricter, with other steps and agents."""

from __future__ import annotations

from dataclasses import replace

from console.domain.risk import Risk
from console.tower.plan import StepSpec
from console.tower.staff import StaffedPlan
from tests.tower import probe_plan
from tests.tower.probe_plan import QUICK, clause

PLAN = replace(
    probe_plan.PLAN,
    version=2,
    agents=tuple(agent for agent in probe_plan.PLAN.agents if agent.name == "probe-agent"),
    steps=(StepSpec(step_id="other", title="Other", agent="probe-agent", time_limit=20, failure=QUICK),),
    policy=replace(probe_plan.PLAN.policy, clauses=(clause("", Risk.HIGH, 2),)),
)
STAFFED = (StaffedPlan(plan=PLAN, agents={"probe-agent": probe_plan.work}, tools=probe_plan.STAFFED[0].tools),)
