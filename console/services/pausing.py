"""What is paused on all connections, from the items that wait until somebody resumes them.

Invariant: one stays until its engine no longer tells of it, whatever this desk has decided meanwhile. Who paused it and
why is known once the item was read in full, which is begun here; ``ItemChanged`` follows.
"""

from __future__ import annotations

from console.domain.pauses import Scope, pause_of
from console.services.links import Links
from console.services.means import Means
from console.services.read import Reader
from console.services.views import PauseView
from console.store.records import StoredRow

WIDTH = {Scope.ALL: 3, Scope.PLAN: 2, Scope.AGENT: 1, Scope.RUN: 0}


class Pausing:
    """The pauses of one desk."""

    def __init__(self, means: Means, links: Links, reader: Reader) -> None:
        self._means = means
        self._links = links
        self._reader = reader
        self._known: tuple[PauseView, ...] = ()
        self._known_at = (-1, -1)

    def known(self) -> tuple[PauseView, ...]:
        """All that is paused, the widest first; found anew when something has changed."""
        state = self._means.store.database.state()
        if state != self._known_at:
            rows = self._means.store.inbox.interventions(self._means.clock.now())
            found = [view for row in rows if (view := self._view(row)) is not None]
            self._known = tuple(sorted(found, key=lambda view: (-WIDTH[view.pause.scope], view.pause.since)))
            self._known_at = state
            self._reader.prefetch(view.pause.item_id for view in self._known if not view.pause.by)
        return self._known

    def _view(self, row: StoredRow) -> PauseView | None:
        link = self._links.get(row.connection_id)
        item = self._means.store.items.find(row.item_id)
        rule = item.escalation.rule if item is not None else None
        pause = pause_of(row.waiting, rule.text if rule is not None else "")
        if link is None or pause is None:
            return None
        return PauseView(
            pause=pause,
            connection_id=row.connection_id,
            connection=link.config.name,
            is_ending=row.is_decided,
        )
