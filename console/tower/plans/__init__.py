"""The sample plans: real computation over real-looking input, deterministic from a seed, no model and no network."""

from console.tower.plans import close, refund

STAFFED = (refund.STAFFED, close.STAFFED)
