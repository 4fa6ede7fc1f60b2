"""What a decision says in the words of what was shown: lines that an edit changed, where it was rerouted, the sides.

Invariant: told from what was shown when it was decided, never from what waits now; it never changes, so it is kept.
"""

from __future__ import annotations

from collections import OrderedDict

from console.domain.canonical import Json
from console.domain.edits import edited_lines
from console.domain.escalation import Verdict
from console.services.means import Means
from console.services.views import Meant
from console.store.records import AsShown, StoredDecision

KEPT = 512


class Recall:
    """What was meant by the latest decisions."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._known: OrderedDict[str, Meant] = OrderedDict()

    def meant(self, stored: StoredDecision) -> Meant:
        """What this decision refers to."""
        decision_id = stored.decision.decision_id
        known = self._known.get(decision_id)
        if known is None:
            known = _meant(stored, self._means.store.decided.as_shown(decision_id))
            self._known[decision_id] = known
        self._known.move_to_end(decision_id)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known


def _meant(stored: StoredDecision, seen: AsShown) -> Meant:
    said = stored.decision.payload
    edited, to = said.get("arguments"), said.get("to")
    named = (to.get("kind"), to.get("id")) if isinstance(to, dict) else None
    is_edit = stored.decision.verdict is Verdict.EDIT and bool(seen.arguments)
    return Meant(
        changes=edited_lines(_as_signed(seen.arguments), _as_signed(edited)) if is_edit else (),
        to=next((label for kind, target_id, label in seen.targets if (kind, target_id) == named), ""),
        sides=seen.sides,
        required_approvals=seen.required_approvals,
    )


def _as_signed(arguments: Json) -> dict[str, Json]:
    """Arguments with whole numbers as they are signed: 4500, not 4500.0."""
    named = arguments if isinstance(arguments, dict) else {}
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in named.items()
    }
