"""Which rows carry a mark because a decision on them is on its way.

Invariant: judged by the latest decision on each item alone; ``decisions`` come newest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.domain.decision import DecisionState
from console.screens.inbox.verdicts import ON_ITS_WAY
from console.services.views import DecisionView


def underway(decisions: Sequence[DecisionView]) -> Mapping[str, DecisionState]:
    """The state of the decision under way, by item."""
    latest: dict[str, DecisionState] = {}
    for view in decisions:
        latest.setdefault(view.item_id, view.state)
    return {item_id: state for item_id, state in latest.items() if state in ON_ITS_WAY}
