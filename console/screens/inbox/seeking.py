"""What of the inbox is asked for: words, filters and saved views.

Invariant: the query in the state is the whole truth; a view is active when it asks for just that. Counts of views are
read in the background, and stand until they are read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from console.domain.escalation import Kind
from console.domain.language import tr
from console.domain.risk import Risk
from console.domain.search import Aspect, Field, Suggestion, parse, suggest
from console.infra.errand import Errand
from console.screens.inbox.board import Workplace
from console.screens.inbox.listing import PAGE, PUT_OFF
from console.screens.inbox.saved import SavedViews, ViewTab
from console.services.views import InboxQuery

BREATH = 0.3
UNNAMED = tr("A view needs a name, and another one than the first three have.")


class Seeking:
    """The filters' part of the presenter. ``ask_for`` shows what a query finds."""

    def __init__(self, place: Workplace, views: SavedViews, ask_for: Callable[[InboxQuery], None]) -> None:
        self._place = place
        self._views = views
        self._ask_for = ask_for
        self._counts: Mapping[str, int] = {}
        self._known: Mapping[Field, Sequence[str]] = {}
        self.counting = Errand(place.ask, self._count)
        self.learning = Errand(place.ask, self._learn)
        self.draw()

    def search(self, text: str) -> None:
        """Show what this asks for, in the search language."""
        self._ask_for(replace(self._query, text=text.strip(), limit=PAGE))

    def filter(
        self,
        *,
        is_mine: bool | None = None,
        is_unclaimed: bool | None = None,
        needs_signature: bool | None = None,
        risks: AbstractSet[Risk] | None = None,
        kinds: AbstractSet[Kind] | None = None,
        connection_ids: AbstractSet[str] | None = None,
    ) -> None:
        """Change what is given; the rest stays."""
        query = self._query
        self._ask_for(
            InboxQuery(
                text=query.text,
                is_mine=query.is_mine if is_mine is None else is_mine,
                is_unclaimed=query.is_unclaimed if is_unclaimed is None else is_unclaimed,
                needs_signature=query.needs_signature if needs_signature is None else needs_signature,
                risks=query.risks if risks is None else frozenset(risks),
                kinds=query.kinds if kinds is None else frozenset(kinds),
                connection_ids=query.connection_ids if connection_ids is None else frozenset(connection_ids),
                limit=PAGE,
            )
        )

    def show_all(self) -> None:
        """Take every filter away."""
        self._ask_for(InboxQuery(limit=PAGE))

    def toggle_to_sign(self) -> None:
        """Show only what needs this person's signature after another's, or no longer only that."""
        self.filter(needs_signature=not self._query.needs_signature)

    def toggle_put_off(self) -> None:
        """Show what is put off, or what waits."""
        is_asked = parse(self._query.text).asks(Aspect.SNOOZED)
        self._ask_for(InboxQuery(text="" if is_asked else PUT_OFF, limit=PAGE))

    def choose(self, place: int) -> None:
        """Show the view in this place, counted from 0; nothing where there is none."""
        if 0 <= place < len(self._views.all):
            self._ask_for(replace(self._views.all[place].query, limit=PAGE))

    def may_save(self) -> bool:
        """Whether what is asked for can be kept as a view; says why where it cannot."""
        reason = self._views.why_not(self._query)
        if reason:
            self._place.board.put(notice=reason)
        return not reason

    def save(self, name: str) -> None:
        """Keep what is asked for as a view."""
        made = self._views.save(name, self._query)
        self._place.board.put(notice="" if made is not None else UNNAMED)
        self.draw()
        self.counting.request()

    def remove(self, name: str) -> None:
        """Forget a view, and say how to have it again."""
        if self._views.remove(name) is not None:
            self._place.board.put(notice=tr("The view “{name}” is gone; what it showed can be saved again.", name=name))
            self.draw()

    def suggestions(self, text: str, cursor: int) -> tuple[Suggestion, ...]:
        """What could be meant by the word at the cursor."""
        connections = tuple(view.config.name for view in self._place.board.state.connections)
        return suggest(text, cursor, {**self._known, Field.CONNECTION: connections})

    def draw(self) -> None:
        """Show the views as tabs."""
        active, own = self._views.active(self._query), self._views.own
        tabs = tuple(
            ViewTab(view, view is active, view in own, self._counts.get(view.name))
            for place, view in enumerate(self._views.all)
        )
        self._place.board.put(views=tabs, can_save_view=self._views.can_save(self._query))

    @property
    def _query(self) -> InboxQuery:
        return self._place.board.state.listing.query

    async def _count(self) -> None:
        views = self._views.all
        counts = await self._place.desk.count([view.query for view in views])
        self._counts = {view.name: count for view, count in zip(views, counts, strict=True)}
        self.draw()
        await self._place.clock.sleep(BREATH)

    async def _learn(self) -> None:
        self._known = await self._place.desk.known_values()
