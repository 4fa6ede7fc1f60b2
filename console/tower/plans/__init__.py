"""The sample plans: real computation over real-looking input, deterministic from a seed, no model and no network."""

from console.tower.plans import close, incident_plan, pricing, refund

STAFFED = (refund.STAFFED, close.STAFFED, incident_plan.STAFFED, pricing.STAFFED)
