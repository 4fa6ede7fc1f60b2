"""The plan for probing with a till that only one run at a time may pay out of."""

from __future__ import annotations

from dataclasses import replace

from console.tower.staff import StaffedPlan
from tests.tower import probe_plan
from tests.tower.probe_plan import LOOKUP, TILL, pay, work
from tests.tower.probe_plan import look as look_up

NAME = "probe-lease"
PLAN = replace(probe_plan.PLAN, name=NAME, tools=(replace(TILL, lease="till/{account}"), LOOKUP))
STAFFED = (
    StaffedPlan(
        plan=PLAN,
        agents={"probe-agent": work, "second-agent": work},
        tools={"till.pay": pay, "till.look": look_up},
    ),
)
