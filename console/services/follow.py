"""Following confirmed decisions until they are carried out: "confirmed" is not "carried out".

Invariant: a state is entered only because the run was read back and said so. A run that moves is looked at soon; one
that does not, less and less often.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.decision import DecisionState
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.run import RunRef
from console.services import outcomes
from console.services.alarm import Alarm
from console.services.links import Links
from console.services.means import Means
from console.services.outcomes import Ending
from console.services.pace import Pace
from console.services.transitions import Transitions
from console.store.records import StoredDecision

S = DecisionState
TO_FOLLOW = frozenset({S.CONFIRMED, S.HALF_GRANTED})
AT_ONCE = 8
LONGEST = 15.0
# A run that was reset knows nothing of what was decided after that point; once could be a replica that lags.
FORGOTTEN_AFTER = 3


class Follower:
    """Follows what was confirmed; the deliverer's process only."""

    def __init__(self, means: Means, links: Links, transitions: Transitions) -> None:
        self._means = means
        self._links = links
        self._transitions = transitions
        self._alarm = Alarm(means.clock, means.tasks, "the follower")
        self._pace = Pace(means, first=0.25, longest=LONGEST)
        self._busy: set[str] = set()
        self._unknown: dict[str, int] = {}

    def nudge(self) -> None:
        """Look now: something was confirmed."""
        self._alarm.nudge()

    def runs_moved(self, runs: Sequence[RunRef]) -> None:
        """Look soon at decisions on these runs."""
        moved = set(runs)
        following = self._means.store.outbox.in_states(TO_FOLLOW)
        if soon := [stored.decision.decision_id for stored in following if stored.run in moved]:
            self._pace.hurry(soon)
            self._alarm.nudge()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self._alarm.sleep(self._dispatch())

    def _dispatch(self) -> float | None:
        """Look at those whose time has come; seconds until the next, if there is one."""
        following = self._means.store.outbox.in_states(TO_FOLLOW)
        self._pace.keep_only(stored.decision.decision_id for stored in following)
        soonest = LONGEST
        for stored in following:
            decision_id = stored.decision.decision_id
            if decision_id in self._busy or len(self._busy) >= AT_ONCE:
                continue
            left = self._pace.left(decision_id)
            if left:
                soonest = min(soonest, left)
            else:
                self._busy.add(decision_id)
                self._means.tasks.start(f"follow {decision_id}", self._look(stored))
        return soonest if following else None

    async def _look(self, stored: StoredDecision) -> None:
        decision = stored.decision
        try:
            self._pace.slow_down(decision.decision_id)
            link = self._links.of_server(decision.key.run.server)
            if link is None or not link.is_open:
                return
            try:
                receipt = await link.read("read back a decision", lambda engine: engine.read_back(decision))
            except (Unreachable, Uncertain, Denied):
                return
            except Refused as refused:
                self._turned_down(stored, refused)
                return
            if receipt is None:
                self._count_unknown(stored)
                return
            self._unknown.pop(decision.decision_id, None)
            ending = outcomes.of_receipt(decision, receipt)
            if ending.state is stored.state:
                self._transitions.note(receipt)
            elif ending.state is not S.UNCERTAIN:
                self._transitions.end(stored, ending)
        finally:
            self._busy.discard(decision.decision_id)
            self._alarm.nudge()

    def _turned_down(self, stored: StoredDecision, refused: Refused) -> None:
        if refused.code == RefusalCode.UNKNOWN:
            self._count_unknown(stored)
        elif refused.code in RefusalCode.SUPERSEDING:
            self._transitions.end(stored, outcomes.of_refusal(refused))
        elif refused.code != RefusalCode.BUSY:
            ending = Ending(state=S.REFUSED, message=refused.message, next_action=refused.next_action)
            self._transitions.end(stored, ending)

    def _count_unknown(self, stored: StoredDecision) -> None:
        decision_id = stored.decision.decision_id
        self._unknown[decision_id] = self._unknown.get(decision_id, 0) + 1
        if self._unknown[decision_id] >= FORGOTTEN_AFTER:
            del self._unknown[decision_id]
            self._transitions.end(stored, outcomes.forgotten())
