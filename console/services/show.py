"""What the desk shows: pages, items and decisions, from the store at once, with their age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from console.domain.decided import DecidedQuery
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Person, Role
from console.domain.language import tr
from console.domain.search import Field, Search, parse
from console.services.alarm import Alarm
from console.services.gather import Gatherer
from console.services.hold import Holds
from console.services.links import Links
from console.services.means import Means
from console.services.pictures import decision_view, inbox_row
from console.services.read import Reader
from console.services.recall import Recall
from console.services.views import (
    DecidedPage,
    DecisionChanged,
    DecisionView,
    Event,
    InboxChanged,
    InboxPage,
    InboxQuery,
    InboxRow,
    ItemChanged,
    ItemView,
    Urgency,
)
from console.store.records import RowFilter, StoredDecision, StoredItem, StoredRow

S = DecisionState
ON_THEIR_WAY = (S.HELD, S.QUEUED, S.SENDING, S.UNCERTAIN, S.CONFIRMED)
KNOWN_VALUES = 50
LATELY = timedelta(days=1)
MOST_LATELY = 3
CONFIRMED_AT_LEAST = FINAL_STATES | {S.CONFIRMED, S.HALF_GRANTED}


class Show:
    """Pictures for one person."""

    def __init__(
        self, means: Means, links: Links, reader: Reader, holds: Holds, gatherer: Gatherer, person: Person
    ) -> None:
        self._means = means
        self._links = links
        self._reader = reader
        self._holds = holds
        self._gatherer = gatherer
        self._person = person
        self._recall = Recall(means)

    def inbox(self, query: InboxQuery) -> InboxPage:
        """A page of what waits for this desk."""
        now = self._means.clock.now()
        search = parse(query.text)
        page = self._means.store.inbox.page(self._filter(query, search))
        links = {link.config.connection_id: link for link in self._links.all()}
        return InboxPage(
            rows=tuple(
                inbox_row(row, links[row.connection_id], now) for row in page.rows if row.connection_id in links
            ),
            total=page.total,
            by_urgency={Urgency(group): count for group, count in page.by_urgency.items()},
            by_risk=page.by_risk,
            all_waiting=page.all_waiting,
            to_sign=page.to_sign,
            snoozed=page.snoozed,
            wakes_at=page.wakes_at,
            problems=search.problems,
        )

    def count(self, query: InboxQuery) -> int:
        """How many items match."""
        return self._means.store.inbox.count(self._filter(query, parse(query.text)))

    def known_values(self) -> Mapping[Field, Sequence[str]]:
        """What waiting items have in their fields."""
        return self._means.store.inbox.values(KNOWN_VALUES)

    def snooze(self, item_ids: Sequence[str], until: datetime | None) -> None:
        """Put items off until then, or have them back."""
        now = self._means.clock.now()
        found = [row for item_id in item_ids if (row := self._means.store.inbox.find(item_id, now)) is not None]
        self._means.store.inbox.snooze([row.item_id for row in found], until)
        for row in found:
            self._means.events.publish(ItemChanged(row.item_id))
            self._means.events.publish(InboxChanged(row.connection_id))

    def waiting(self) -> int:
        """How many items wait."""
        return sum(self._means.store.inbox.counts(self._means.clock.now()).values())

    def item(self, item_id: str) -> ItemView | None:
        """An item as the store has it; where that is old, a fresh read is started and an event follows."""
        row = self._means.store.inbox.find(item_id, self._means.clock.now())
        if row is None:
            return None
        self._means.events.look([item_id])
        if self._reader.is_due(row):
            self._reader.start(row)
        self._gatherer.look(row)
        return self._picture(row)

    async def refresh(self, item_id: str) -> ItemView | None:
        """An item, read again first if it still waits and its engine answers."""
        row = self._means.store.inbox.find(item_id, self._means.clock.now())
        if row is None:
            return None
        self._means.events.look([item_id])
        if row.closed_at is None:
            await self._reader.start(row)
        again = self._means.store.inbox.find(item_id, self._means.clock.now())
        return self._picture(again) if again is not None else None

    def prefetch(self, item_ids: Sequence[str]) -> None:
        """Have items read before somebody opens them."""
        self._means.events.look(item_ids)
        self._reader.prefetch(item_ids)
        now = self._means.clock.now()
        rows = (self._means.store.inbox.find(item_id, now) for item_id in item_ids)
        self._gatherer.ahead(row for row in rows if row is not None)

    def decision(self, decision_id: str) -> DecisionView | None:
        """One decision."""
        stored = self._means.store.outbox.find(decision_id)
        return self.picture(stored) if stored is not None else None

    def decisions(self, limit: int) -> tuple[DecisionView, ...]:
        """The latest decisions, newest first."""
        return tuple(self.picture(stored) for stored in self._means.store.outbox.newest(limit))

    def decided(self, query: DecidedQuery) -> DecidedPage:
        """What this desk decided, as far as it matches."""
        found, total = self._means.store.decided.page(query)
        return DecidedPage(tuple(self.picture(stored) for stored in self._means.store.outbox.these(found)), total)

    def on_their_way(self) -> dict[DecisionState, int]:
        """How many decisions are in each state before the last, those of removed connections aside."""
        counts = dict.fromkeys(ON_THEIR_WAY, 0)
        for stored in self._means.store.outbox.in_states(ON_THEIR_WAY):
            if self._links.get(stored.connection_id) is not None:
                counts[stored.state] += 1
        return counts

    async def settled(self, decision_id: str, within: float, *, until_confirmed: bool) -> DecisionView:
        """A decision once it is settled, or as it is when the time is over. Raises ``Refused`` for an unknown one."""
        enough = CONFIRMED_AT_LEAST if until_confirmed else FINAL_STATES
        alarm = Alarm(self._means.clock, self._means.tasks, f"who waits for {decision_id}")

        def on_event(event: Event) -> None:
            if isinstance(event, DecisionChanged) and event.decision_id == decision_id:
                alarm.nudge()

        stop = self._means.events.subscribe(on_event)
        until = self._means.clock.monotonic() + within
        try:
            while True:
                view = self.decision(decision_id)
                if view is None:
                    raise Refused(tr("There is no such decision at this desk."), code=RefusalCode.UNKNOWN)
                left = until - self._means.clock.monotonic()
                if view.state in enough or left <= 0:
                    return view
                await alarm.sleep(left)
        finally:
            stop()

    def picture(self, stored: StoredDecision) -> DecisionView:
        """A decision as a view."""
        link = self._links.get(stored.connection_id)
        held_for = self._holds.left(stored.decision.decision_id)
        return decision_view(stored, link, self._means.clock.now(), held_for, self._recall.meant(stored))

    def _picture(self, row: StoredRow) -> ItemView | None:
        link = self._links.get(row.connection_id)
        if link is None:
            return None
        item = self._means.store.items.find(row.item_id)
        decided = self._means.store.outbox.on_item(row.item_id)
        return ItemView(
            item_id=row.item_id,
            row=inbox_row(row, link, self._means.clock.now()),
            escalation=item.escalation if item is not None else None,
            digest=item.digest if item is not None else "",
            connection=self._links.view(link),
            is_open=row.closed_at is None,
            read_at=item.read_at if item is not None else None,
            decision=self.picture(decided) if decided is not None else None,
            error=self._reader.errors.get(row.item_id, ""),
            rivals=self._rivals(row),
            lately=self._lately(row),
            meanwhile=self._meanwhile(row, item),
            revision=self._reader.revisions.get(row.item_id),
            around=self._gatherer.known(row.item_id),
        )

    def _rivals(self, row: StoredRow) -> tuple[InboxRow, ...]:
        """Who else wants what an open item is about."""
        if row.closed_at is not None:
            return ()
        now = self._means.clock.now()
        found = self._means.store.inbox.wanting(row.waiting.resource, row.item_id, now)
        links = ((each, self._links.get(each.connection_id)) for each in found)
        return tuple(inbox_row(each, link, now) for each, link in links if link is not None)

    def _lately(self, row: StoredRow) -> tuple[DecisionView, ...]:
        """What this desk decided lately on others about what an open item is about."""
        if row.closed_at is not None:
            return ()
        store, since = self._means.store, self._means.clock.now() - LATELY
        found = store.past.on_resource(row.waiting.resource, row.item_id, since, MOST_LATELY)
        stored = (store.outbox.find(decision_id) for decision_id in found)
        return tuple(self.picture(each) for each in stored if each is not None)

    def _meanwhile(self, row: StoredRow, item: StoredItem | None) -> tuple[DecisionView, ...]:
        """What this desk decided on the same runs while a closed item still waited."""
        if row.closed_at is None:
            return ()
        sides = item.escalation.sides if item is not None else ()
        runs = [row.waiting.key.run, *(side.run for side in sides)]
        store = self._means.store
        found = store.outbox.these(store.decided.on_runs(runs, row.item_id, MOST_LATELY))
        opened, closed = row.waiting.opened_at, row.closed_at
        return tuple(self.picture(each) for each in found if opened <= each.decision.signed_at <= closed)

    def _filter(self, query: InboxQuery, search: Search) -> RowFilter:
        return RowFilter(
            now=self._means.clock.now(),
            search=search,
            risks=query.risks,
            kinds=query.kinds,
            connection_ids=query.connection_ids,
            is_mine=query.is_mine,
            is_unclaimed=query.is_unclaimed,
            needs_signature=query.needs_signature,
            person_id=self._person.person_id,
            signer=self._person.person_id if self._person.role is not Role.VIEWER else "",
            limit=query.limit,
        )
