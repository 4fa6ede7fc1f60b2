"""All that this desk decided: found by words and by what was decided or became of it, newest first, a page at a time.

Invariant: works from the store, and what is shown is read anew when a decision moves; an answer counts only for the
question that was asked last.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from console.domain.ages import short_clock
from console.domain.decided import DecidedQuery, Term
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import Verdict
from console.domain.language import tr
from console.infra.errand import Errand
from console.qtkit.rowdata import HandledRow
from console.screens.inbox.board import Workplace
from console.screens.inbox.handled import ASTRAY, row_of
from console.screens.inbox.said import DONE, WANTED
from console.services.views import DecisionView

PAGE = 50
MOST_WORDS = 8
WORD = 80
GONE = tr("No more is kept of that item than this line, and its lines in the audit.")
_V = Verdict


class Which(enum.Enum):
    """What part of them, as the chips say it."""

    ALL = "All"
    APPROVED = "Approved"
    EDITED = "Edited"
    REJECTED = "Rejected"
    OTHERWISE = "Otherwise"
    UNDER_WAY = "On their way"
    ASTRAY = "Failed or astray"


VERDICTS: dict[Which, frozenset[Verdict]] = {
    Which.APPROVED: frozenset({_V.APPROVE, _V.COMPLETE}),
    Which.EDITED: frozenset({_V.EDIT}),
    Which.REJECTED: frozenset({_V.REJECT}),
    Which.OTHERWISE: frozenset(Verdict) - {_V.APPROVE, _V.COMPLETE, _V.EDIT, _V.REJECT},
}
STATES: dict[Which, frozenset[DecisionState]] = {
    Which.UNDER_WAY: frozenset(DecisionState) - FINAL_STATES,
    Which.ASTRAY: ASTRAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that is shown. ``told`` is what the person should know of the row they opened."""

    text: str = ""
    which: Which = Which.ALL
    limit: int = PAGE
    rows: tuple[HandledRow, ...] = ()
    total: int = 0
    is_loaded: bool = False
    told: str = ""

    @property
    def summary(self) -> str:
        """How many there are, and in which order."""
        if not self.is_loaded:
            return tr("Reading")
        if self.total:
            found = "match" if self.text.strip() or self.which is not Which.ALL else tr("decided at this desk")
            return tr("{total:,} {found}, newest first", total=self.total, found=found)
        is_narrow = bool(self.text.strip()) or self.which is not Which.ALL
        return (
            tr("None of your decisions match.") if is_narrow else tr("What you decide is kept here with its receipt.")
        )


class History:
    """The part of the presenter for it. ``open_item`` opens an item, wherever it stands."""

    def __init__(self, place: Workplace, open_item: Callable[[str], None]) -> None:
        self._place = place
        self._open_item = open_item
        self._views: dict[str, DecisionView] = {}
        self._state = Decided()
        self._listener: Callable[[Decided], None] | None = None
        self._errand = Errand(place.ask, self._read)

    @property
    def state(self) -> Decided:
        """What is shown now."""
        return self._state

    def open(self, listener: Callable[[Decided], None]) -> None:
        """Show it from now on, as it was searched before."""
        self._listener = listener
        self._put(replace(self._state, limit=PAGE, told=""))
        self._errand.request()

    def close(self) -> None:
        """Nobody looks any more."""
        self._listener = None

    def search(self, text: str) -> None:
        """Words as they stand in the field."""
        self._ask_for(replace(self._state, text=text))

    def choose(self, which: Which) -> None:
        """This part of them only."""
        self._ask_for(replace(self._state, which=which))

    def more(self) -> None:
        """A page more, where there is one."""
        if len(self._state.rows) == self._state.limit < self._state.total:
            self._state = replace(self._state, limit=self._state.limit + PAGE)
            self._errand.request()

    def on_decisions(self) -> None:
        """A decision moved."""
        if self._listener is not None:
            self._errand.request()

    def go(self, decision_id: str, leave: Callable[[], None]) -> None:
        """Open the item of a decision and leave; stay, and say why, where no more is kept than this line."""
        view = self._views.get(decision_id)
        if view is not None:
            self._place.ask(self._go(view.item_id, leave))

    async def _go(self, item_id: str, leave: Callable[[], None]) -> None:
        if await self._place.desk.item(item_id) is None:
            self._put(replace(self._state, told=GONE))
        elif self._listener is not None:
            leave()
            self._open_item(item_id)

    def _ask_for(self, state: Decided) -> None:
        self._put(replace(state, limit=PAGE, told=""))
        self._errand.request()

    async def _read(self) -> None:
        asked = self._state
        page = await self._place.desk.decided(query(asked))
        if (asked.text, asked.which, asked.limit) != (self._state.text, self._state.which, self._state.limit):
            return
        now = self._place.clock.now()
        self._views = {view.decision.decision_id: view for view in page.decisions}
        rows = tuple(row_of(view, short_clock(view.decision.signed_at, now)) for view in page.decisions)
        self._put(replace(self._state, rows=rows, total=page.total, is_loaded=True))

    def _put(self, state: Decided) -> None:
        self._state = state
        if self._listener is not None:
            self._listener(state)


def query(state: Decided) -> DecidedQuery:
    """What is asked of the store."""
    return DecidedQuery(
        terms=tuple(_terms(state.text.split()[:MOST_WORDS])),
        verdicts=VERDICTS.get(state.which, frozenset()),
        states=STATES.get(state.which, frozenset()),
        limit=state.limit,
    )


def _terms(words: Sequence[str]) -> list[Term]:
    """Words, each with the verdicts and states that are called so on screen."""
    typed = [word[:WORD].casefold() for word in words]
    return [
        Term(
            word,
            frozenset(each for each in Verdict if word in f"{WANTED[each]} {DONE[each]}".casefold().split()),
            frozenset(each for each in DecisionState if word in str(each)),
        )
        for word in typed
    ]
