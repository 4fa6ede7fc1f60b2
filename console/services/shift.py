"""What a person should know who comes back to the desk, or takes it over from somebody.

Invariant: everything comes from the store, so it is there at once and offline; what this desk cannot know is not said.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from console.domain.decision import DecisionState
from console.domain.identity import Person
from console.domain.risk import Risk
from console.domain.search import Search, parse
from console.services.links import Links
from console.services.means import Means
from console.services.pictures import inbox_row
from console.services.show import Show
from console.services.views import ConnectionView, HandOver, Health, InboxRow, Since
from console.store.records import RowFilter

MOST = 20
# All of them are released together.
MOST_CLAIMED = 500
LOOKED_AT = 500
SHIFT = timedelta(hours=12)
_S = DecisionState
OPEN_ENDED = frozenset(
    {_S.HELD, _S.QUEUED, _S.SENDING, _S.CONFIRMED, _S.UNCERTAIN, _S.HALF_GRANTED, _S.REFUSED, _S.FAILED, _S.EXPIRED}
)


class Shift:
    """Beginning and end of one person's time at the desk."""

    def __init__(self, means: Means, links: Links, show: Show, person: Person) -> None:
        self._means = means
        self._links = links
        self._show = show
        self._person = person

    def since(self, left_at: datetime) -> Since:
        """What happened since a person left."""
        store, now = self._means.store, self._means.clock.now()
        moved = [each for each in store.outbox.newest(LOOKED_AT) if each.changed_at > left_at]
        arrived = store.inbox.arrived(left_at, now)
        return Since(
            left_at=left_at,
            new={Risk(risk): count for risk, count in arrived.by_risk.items()},
            overdue=arrived.overdue,
            gone=arrived.gone,
            decisions=dict(Counter(each.state for each in moved)),
        )

    def hand_over(self) -> HandOver:
        """What the next person should know."""
        now = self._means.clock.now()
        late = now - SHIFT
        views = self._show.decisions(LOOKED_AT)
        troubled: tuple[ConnectionView, ...] = tuple(
            view for view in self._links.views() if view.health not in {Health.LIVE, Health.SLOW}
        )
        return HandOver(
            at=now,
            by=self._person,
            urgent=self._rows("risk>=high"),
            overdue=self._rows("is:overdue risk:low,medium"),
            mine=self._rows("is:mine", MOST_CLAIMED),
            put_off=self._rows("-is:mine is:put-off"),
            open_ended=tuple(each for each in views if each.state in OPEN_ENDED and each.changed_at > late)[:MOST],
            decided=sum(each.decision.signed_at > late for each in views),
            troubled=troubled,
            waiting=self._show.waiting(),
        )

    def _rows(self, text: str, limit: int = MOST) -> tuple[InboxRow, ...]:
        now, search = self._means.clock.now(), parse(text)
        found = self._means.store.inbox.page(self._filter(now, search, limit)).rows
        links = ((row, self._links.get(row.connection_id)) for row in found)
        return tuple(inbox_row(row, link, now) for row, link in links if link is not None)

    def _filter(self, now: datetime, search: Search, limit: int) -> RowFilter:
        return RowFilter(now=now, search=search, person_id=self._person.person_id, limit=limit)
