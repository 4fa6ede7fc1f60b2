"""Telling a person who looks elsewhere: what is new and urgent, or has become overdue, as a notice of the desktop.

Needs no Qt. Invariant: once per item, whatever becomes of it; a notice holds risk and workflow and no content, since
others may see the screen; what comes in a flood is one notice with the count. What waited when the window opened, or
before a person asked to be told of its risk, is not news. In quiet hours nothing is told, and what still waits when
they end is told then. A notice opens what it tells of and decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.domain.display import one_line
from console.domain.language import tr
from console.infra.clock import Clock
from console.infra.errand import Errand
from console.screens import Ask
from console.services.views import Event, InboxChanged, InboxQuery, InboxRow, Urgency
from console.shell.settings_values import NoticeRules

if TYPE_CHECKING:
    from console.services.desk import Desk

# Desktops read a notice as markup.
MARKUP = str.maketrans("<>&", "   ")
NAME = 60
MOST = 200
KEPT = 5_000
LOOK_SECONDS = 15.0
GATHER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What the desktop shows. ``item_id`` is empty where it tells of several; ``beeps`` is how often it sounds."""

    title: str
    text: str
    item_id: str = ""
    beeps: int = 0


class Teller:
    """Finds what to tell; ``ring`` shows it. Ask it to :meth:`look` about once a second.

    ``rules`` says, whenever it is asked, what a person wants to be told and when they want quiet.
    """

    def __init__(
        self,
        desk: Desk,
        ask: Ask,
        clock: Clock,
        ring: Callable[[Notice], None],
        rules: Callable[[], NoticeRules] = NoticeRules,
    ) -> None:
        self._rules = rules
        self._desk = desk
        self._clock = clock
        self._ring = ring
        self._known: dict[str, None] | None = None
        self._risks = rules().risks
        self._news: dict[str, InboxRow] = {}
        self._rung_at = self._looked_at = float("-inf")
        self._has_changed = True
        self._errand = Errand(ask, self._read)

    def on_events(self, events: Sequence[Event]) -> None:
        """A batch of the desk's events."""
        self._has_changed = self._has_changed or any(isinstance(event, InboxChanged) for event in events)

    def look(self) -> None:
        """Look what is new, if something changed or a while went by; tell, if the last notice is long enough ago."""
        now = self._clock.monotonic()
        if self._has_changed or now - self._looked_at >= LOOK_SECONDS:
            self._has_changed, self._looked_at = False, now
            self._errand.request()
        if self._news and now - self._rung_at >= GATHER_SECONDS:
            rules = self._rules()
            if rules.is_quiet(self._clock.now().astimezone().time()):
                return
            self._rung_at = now
            rows, self._news = tuple(self._news.values()), {}
            self._ring(notice(rows, has_sound=rules.has_sound))

    async def _read(self) -> None:
        risks = self._rules().risks
        # No risk in a query would mean all of them.
        urgent = (await self._desk.inbox(InboxQuery(risks=risks, limit=MOST))).rows if risks else ()
        first = await self._desk.inbox(InboxQuery(limit=MOST))
        overdue = (row for row in first.rows if row.urgency is Urgency.OVERDUE)
        rows = {row.item_id: row for row in (*urgent, *overdue)}
        # Decided meanwhile, here or elsewhere: it is nobody's news any more.
        self._news = {item_id: rows[item_id] for item_id in self._news if item_id in rows}
        if self._known is None or risks != self._risks:
            self._known = (self._known or {}) | dict.fromkeys(rows)
        self._risks = risks
        self._news |= {item_id: row for item_id, row in rows.items() if item_id not in self._known}
        self._known |= dict.fromkeys(rows)
        for item_id in tuple(self._known)[:-KEPT]:
            del self._known[item_id]


def notice(rows: Sequence[InboxRow], *, has_sound: bool = False) -> Notice:
    """The notice of these items: of one with its workflow, of several with their counts."""
    told = _told(rows)
    is_late = any(row.urgency is Urgency.OVERDUE for row in rows)
    return replace(told, beeps=2 if is_late else 1) if has_sound else told


def _told(rows: Sequence[InboxRow]) -> Notice:
    late = sum(row.urgency is Urgency.OVERDUE for row in rows)
    if len(rows) == 1:
        row = rows[0]
        workflow = one_line(row.waiting.workflow[:NAME]).translate(MARKUP)
        text = tr("{workflow}, overdue", workflow=workflow) if late else workflow
        return Notice(tr("{risk} risk", risk=tr(row.waiting.risk.word).capitalize()), text, row.item_id)
    counts = Counter(row.waiting.risk for row in rows)
    words = ", ".join(f"{counts[risk]} {tr(risk.word)}" for risk in sorted(counts, reverse=True))
    return Notice(
        tr("{count} items wait for a person", count=len(rows)),
        tr("{said}; {late} overdue", said=words, late=late) if late else words,
    )
