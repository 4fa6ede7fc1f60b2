"""Carrying queued decisions to their engines.

Invariants: a decision is ``sending`` in the store before a byte of it leaves; what the engine answered and the audit
line are one transaction; an outcome that is not known is read back before anything is sent again, and the run it
belongs to waits for that. Decisions on one run go in their order, those on different runs side by side. One process
delivers, by a lock; the others write to the outbox only.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from console.domain.decision import DecisionState
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.services import outcomes
from console.services.alarm import Alarm
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.outcomes import Ending
from console.services.pace import Pace
from console.services.read import GONE, Reader
from console.services.transitions import Transitions
from console.services.views import Health
from console.store.records import StoredDecision

S = DecisionState
TO_CARRY = frozenset({S.QUEUED, S.SENDING, S.UNCERTAIN})
AT_ONCE = 8
LOOK_AGAIN = 1.0
READ_AT_MOST_BEFORE = timedelta(seconds=10)
AWAY = frozenset({Health.DOWN, Health.DENIED, Health.PAUSED})


class Deliverer:
    """The one deliverer of a store."""

    def __init__(self, means: Means, links: Links, reader: Reader, transitions: Transitions) -> None:
        self._means = means
        self._links = links
        self._reader = reader
        self._transitions = transitions
        self._alarm = Alarm(means.clock, means.tasks, "the deliverer")
        self._retries = Pace(means, first=0.5, longest=30.0)
        # Never undetermined for longer than half a minute while the engine answers.
        self._read_backs = Pace(means, first=0.2, longest=2.0)
        self._busy: dict[RunRef, asyncio.Task[None]] = {}
        self._is_ending = False

    def nudge(self) -> None:
        """Look now: something was queued."""
        self._alarm.nudge()

    def is_back(self, connection_id: str) -> None:
        """A connection answers again: what waited for it is tried now."""
        waiting = [
            stored.decision.decision_id
            for stored in self._means.store.outbox.in_states(TO_CARRY)
            if stored.connection_id == connection_id
        ]
        self._retries.hurry(waiting)
        self._read_backs.hurry(waiting)
        self._alarm.nudge()

    async def run(self) -> None:
        """Deliver until cancelled, or told to finish."""
        while not self._is_ending:
            await self._alarm.sleep(self._dispatch())

    async def finish(self, within: float) -> None:
        """Begin nothing more, and wait that long at most for what is under way; the rest stays to be read back."""
        self._is_ending = True
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=within)

    def _dispatch(self) -> float | None:
        """Start what can be done now, the oldest of each run; seconds until the next, if there is one to carry."""
        oldest: dict[RunRef, StoredDecision] = {}
        to_carry = self._means.store.outbox.in_states(TO_CARRY)
        for stored in to_carry:
            oldest.setdefault(stored.run, stored)
        decision_ids = [stored.decision.decision_id for stored in to_carry]
        self._retries.keep_only(decision_ids)
        self._read_backs.keep_only(decision_ids)
        soonest = LOOK_AGAIN
        for run, stored in oldest.items():
            if run in self._busy or len(self._busy) >= AT_ONCE:
                continue
            left = self._left(stored)
            if left:
                soonest = min(soonest, left)
            else:
                name = f"carry {stored.decision.decision_id}"
                self._busy[run] = self._means.tasks.start(name, self._carry(stored))
        return soonest if to_carry else None

    def _left(self, stored: StoredDecision) -> float:
        """Seconds until something can be done for this decision."""
        if self._is_over(stored):
            return 0.0
        pace = self._retries if stored.state is S.QUEUED else self._read_backs
        return pace.left(stored.decision.decision_id)

    async def _carry(self, stored: StoredDecision) -> None:
        try:
            if stored.state is S.QUEUED:
                await self._send(stored)
            elif stored.state is S.SENDING:
                # Nobody here is sending it: the process that was has ended.
                self._transitions.end(stored, outcomes.STOPPED_WHILE_SENDING)
            else:
                await self._determine(stored)
        finally:
            del self._busy[stored.run]
            self._alarm.nudge()

    async def _send(self, stored: StoredDecision) -> None:
        try:
            ending = await self._obstacle(stored)
        except (Unreachable, Uncertain, Denied):
            # It could not be read again, so it cannot be sent either.
            self._retries.slow_down(stored.decision.decision_id)
            ending = outcomes.critical_offline(stored.connection) if stored.risk is Risk.CRITICAL else None
            if ending is None:
                return
        if ending is not None:
            self._transitions.end(stored, ending)
            return
        link = self._links.get(stored.connection_id)
        if link is None or not link.is_open:
            self._retries.slow_down(stored.decision.decision_id)
            return
        sending = self._transitions.enter(stored, S.SENDING)
        if sending is None:
            return
        ending = await self._answer(sending, link)
        if ending.state is S.QUEUED:
            self._retries.slow_down(stored.decision.decision_id)
        self._transitions.end(sending, ending)

    async def _obstacle(self, stored: StoredDecision) -> Ending | None:
        """Why it must not be sent. ``None`` if it may, or if only its connection is missing. Raises the errors."""
        decision = stored.decision
        link = self._links.get(stored.connection_id)
        if self._is_over(stored):
            return outcomes.expired(decision.valid_until)
        if link is None:
            known = {each.connection_id for each in self._means.store.connections.all()}
            return None if stored.connection_id in known else outcomes.CONNECTION_REMOVED
        if not link.is_open:
            is_critical = stored.risk is Risk.CRITICAL and link.health in AWAY
            return outcomes.critical_offline(stored.connection) if is_critical else None
        if link.server is not None and link.server.identity != decision.key.run.server:
            return outcomes.other_server(stored.connection)
        ending = await self._changed(stored, link)
        if ending is None and self._is_over(stored):
            return outcomes.expired(decision.valid_until)
        return ending

    async def _changed(self, stored: StoredDecision, link: Link) -> Ending | None:
        """Whether the item is still what was decided; read again if what is known is old or from before a break."""
        items, item_id = self._means.store.items, stored.item_id
        read_at, digest = items.read_at([item_id]).get(item_id, (None, ""))
        is_known = read_at is not None and link.open_since is not None and read_at >= link.open_since
        if read_at is None or not is_known or self._means.clock.now() - read_at > READ_AT_MOST_BEFORE:
            try:
                await self._reader.fetch(link, stored.connection_id, stored.decision.key)
            except Refused as refused:
                is_gone = refused.code in GONE
                return outcomes.gone_before_sending(refused.message) if is_gone else outcomes.of_refusal(refused)
            _, digest = items.read_at([item_id])[item_id]
        return None if digest == stored.decision.digest else outcomes.changed_before_sending()

    async def _answer(self, stored: StoredDecision, link: Link) -> Ending:
        """Send it, and say what the answer means."""
        try:
            receipt = await link.send("deliver a decision", lambda engine: engine.deliver(stored.decision))
        except (Unreachable, Denied) as error:
            if stored.risk is Risk.CRITICAL:
                return outcomes.critical_offline(stored.connection)
            return Ending(state=S.QUEUED, message=error.message, next_action=error.next_action)
        except Uncertain as error:
            return outcomes.uncertain(error.message)
        except Refused as refused:
            return outcomes.of_refusal(refused)
        return outcomes.of_receipt(stored.decision, receipt)

    async def _determine(self, stored: StoredDecision) -> None:
        """Read back what became of a decision whose answer was lost; once."""
        decision = stored.decision
        self._read_backs.slow_down(decision.decision_id)
        link = self._links.of_server(decision.key.run.server)
        if link is None or not link.is_open:
            return
        try:
            receipt = await link.read("read back a decision", lambda engine: engine.read_back(decision))
        except Refused as refused:
            ending = outcomes.of_refusal(refused)
            if ending.state is S.QUEUED:
                self._retries.slow_down(decision.decision_id)
            self._transitions.end(stored, ending)
            return
        except (Unreachable, Uncertain, Denied):
            return
        if receipt is None:
            self._means.log.say("decision had not arrived", decision=decision.decision_id)
            self._transitions.end(stored, outcomes.had_not_arrived())
            return
        ending = outcomes.of_receipt(decision, receipt)
        if ending.state is not S.UNCERTAIN:
            self._transitions.end(stored, ending)

    def _is_over(self, stored: StoredDecision) -> bool:
        return stored.state is S.QUEUED and self._means.clock.now() >= stored.decision.valid_until
