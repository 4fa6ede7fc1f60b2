"""The list beside the review: what is asked for, which rows stand where, what is selected, what waits behind the bar.

Invariant: frozen; every change returns another one. Nothing at or above the selected, the pointed-at or the first
visible row moves unless a person asked for it (`merge`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from console.domain.decision import DecisionState
from console.domain.language import counted, tr
from console.domain.risk import Risk
from console.domain.search import Aspect
from console.domain.together import MOST, are_alike
from console.screens.inbox.folding import Alike, alike, away
from console.screens.inbox.merge import NOWHERE, NewItems, merge
from console.services.views import InboxPage, InboxQuery, InboxRow, Urgency

PAGE = 200
PUT_OFF = f"is:{Aspect.SNOOZED}"
NEAR_END = 60


class Emptiness(enum.Enum):
    """Why the list is empty."""

    LOADING = enum.auto()
    NO_CONNECTION = enum.auto()
    NO_MATCH = enum.auto()
    NOTHING_TO_SIGN = enum.auto()
    NOTHING_PUT_OFF = enum.auto()
    NOTHING_WAITS = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list.

    ``marked`` are rows to be decided together, ``marks`` decisions under way on rows that are still shown, ``gone``
    rows that wait no more; ``is_opened`` when the selected item was opened from elsewhere and need not stand in it.
    ``unfolded`` are the sorts of rows that a person wants to see one by one, ``away`` what is folded under others.
    Until a person has touched it, as while a connection is read for the first time, everything goes to its true place.
    ``tops`` counts how often a person asked to see its top, the last time to see what is new where ``is_for_new``.
    """

    query: InboxQuery = field(default_factory=lambda: InboxQuery(limit=PAGE))
    rows: tuple[InboxRow, ...] = ()
    gone: frozenset[str] = frozenset()
    new: NewItems = field(default_factory=NewItems)
    total: int = 0
    all_waiting: int = 0
    to_sign: int = 0
    snoozed: int = 0
    problems: tuple[str, ...] = ()
    by_urgency: Mapping[Urgency, int] = field(default_factory=dict)
    marks: Mapping[str, DecisionState] = field(default_factory=dict)
    selected_id: str = ""
    is_opened: bool = False
    is_touched: bool = False
    pointed_id: str = ""
    first_visible: int = 0
    last_visible: int = 0
    is_loaded: bool = False
    folded: frozenset[Urgency] = frozenset()
    unfolded: frozenset[Alike] = frozenset()
    away: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    tops: int = 0
    is_for_new: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the page size narrows the list."""
        return replace(self.query, limit=PAGE) != InboxQuery(limit=PAGE)

    @property
    def is_to_sign(self) -> bool:
        """Whether it is the queue of what needs one's signature after another's, and narrowed by nothing else."""
        return replace(self.query, limit=PAGE) == InboxQuery(limit=PAGE, needs_signature=True)

    @property
    def is_put_off(self) -> bool:
        """Whether it shows what is put off, and is narrowed by nothing else."""
        return replace(self.query, limit=PAGE) == InboxQuery(limit=PAGE, text=PUT_OFF)

    def place(self, item_id: str) -> int:
        """The index of a row, or ``NOWHERE``."""
        return next((place for place, row in enumerate(self.rows) if row.item_id == item_id), NOWHERE)

    def with_page(
        self, page: InboxPage, marks: Mapping[str, DecisionState] | None = None, *, is_settling: bool = False
    ) -> Listing:
        """The list after a page was read. ``is_settling``: a person asked to see everything in its true place."""
        is_free = is_settling or not (self.is_touched or self.pointed_id or self.first_visible)
        merged = merge(self.rows, page.rows, NOWHERE if is_free else self._anchor())
        made = replace(
            self,
            rows=merged.rows,
            gone=merged.gone,
            new=merged.new,
            total=max(page.total, len(merged.rows)),
            all_waiting=page.all_waiting,
            to_sign=page.to_sign,
            snoozed=page.snoozed,
            problems=page.problems,
            by_urgency=page.by_urgency,
            marks=marks or {},
            is_loaded=True,
        )
        is_there = self.is_opened or made.place(self.selected_id) != NOWHERE
        first = made.rows[0].item_id if made.rows else ""
        return made if is_there else replace(made, selected_id=first)

    def selecting(self, item_id: str) -> Listing:
        """The list with another row selected; ghosts leave unless they would shift the row under the pointer."""
        made = replace(self, selected_id=item_id, is_opened=False, is_touched=True)
        if self.gone and not self.pointed_id:
            kept = tuple(row for row in self.rows if row.item_id not in self.gone or row.item_id == item_id)
            made = replace(made, rows=kept, gone=self.gone & {item_id})
        return made

    def opening(self, item_id: str) -> Listing:
        """The list with an item open that need not stand in it."""
        return replace(self.selecting(item_id), is_opened=True)

    def folding(self, group: Urgency) -> Listing:
        """The list with a group folded, or unfolded again."""
        return replace(self, folded=self.folded ^ {group})

    def unfolding(self) -> Listing:
        """The list with what is like the selected row shown one by one, or folded under the first of them again."""
        row = next((row for row in self.rows if row.item_id == self.selected_id), None)
        if row is None:
            return self
        key = alike(row)
        if key not in self.unfolded:
            return replace(self, unfolded=self.unfolded | {key}).placed()
        first = next(each.item_id for each in self.rows if alike(each) == key)
        return replace(self, unfolded=self.unfolded - {key}, selected_id=first).placed()

    def placed(self) -> Listing:
        """The list with what is out of sight found anew."""
        found = away(self)
        return self if found == self.away else replace(self, away=found)

    def marking(self, item_id: str) -> Listing:
        """The list with a row marked, or no longer marked."""
        if self.place(item_id) == NOWHERE:
            return self
        return replace(self, marked=self.marked ^ {item_id}, is_touched=True)

    def marking_alike(self) -> Listing:
        """The list with all rows marked that are like the selected one, the first :data:`MOST` of them."""
        selected = next((row for row in self.rows if row.item_id == self.selected_id), None)
        if selected is None:
            return self
        alike = [row.item_id for row in self.rows if are_alike(row.waiting, selected.waiting)]
        others = [item_id for item_id in alike if item_id not in self.gone and item_id != self.selected_id]
        return replace(self, marked=frozenset([self.selected_id, *others][:MOST]))

    @property
    def marked_ids(self) -> tuple[str, ...]:
        """The marked rows that still wait, in their order."""
        return tuple(row.item_id for row in self.rows if row.item_id in self.marked and row.item_id not in self.gone)

    @property
    def first_id(self) -> str:
        """The first row that is not folded away; empty where there is none."""
        return next((row.item_id for row in self.rows if row.urgency not in self.folded), "")

    def neighbour(self, step: int) -> str:
        """The row so many steps away from the selected one, held at the ends; the selected one if there is no other."""
        ids = [row.item_id for row in self.rows if row.urgency not in self.folded and row.item_id not in self.away]
        if self.selected_id not in ids:
            return ids[0] if ids else self.selected_id
        return ids[min(max(ids.index(self.selected_id) + step, 0), len(ids) - 1)]

    def after(self, item_id: str) -> str:
        """The row to open when this one leaves: the next, at the end the one before."""
        place = self.place(item_id)
        out = self.gone | self.away.keys()
        below = (row.item_id for row in self.rows[place + 1 :] if row.item_id not in out)
        above = (row.item_id for row in reversed(self.rows[: max(place, 0)]) if row.item_id not in out)
        return next(below, "") or next(above, "")

    def without(self, item_id: str) -> Listing:
        """The list after a person decided this row."""
        kept = tuple(row for row in self.rows if row.item_id != item_id)
        fewer = len(self.rows) - len(kept)
        return replace(
            self,
            rows=kept,
            gone=self.gone - {item_id},
            marked=self.marked - {item_id},
            total=max(0, self.total - fewer),
            all_waiting=max(0, self.all_waiting - fewer),
        )

    def wants_more(self) -> bool:
        """Whether rows beyond those loaded are about to come into sight."""
        is_asked = self.query.limit > len(self.rows) + PAGE // 2
        return len(self.rows) < self.total and self.last_visible >= len(self.rows) - NEAR_END and not is_asked

    def grown(self) -> Listing:
        """The list asking for one page more."""
        return replace(self, query=replace(self.query, limit=self.query.limit + PAGE))

    def _anchor(self) -> int:
        places = {row.item_id: place for place, row in enumerate(self.rows)}
        held = [places.get(self.selected_id, NOWHERE), places.get(self.pointed_id, NOWHERE)]
        return max(*held, min(self.first_visible, len(self.rows) - 1) if self.first_visible else NOWHERE)


def highest_word(new: NewItems) -> str:
    """What the bar over the list says."""
    parts = []
    if new.count:
        highest = new.highest or Risk.LOW
        parts.append(
            tr(
                "{count} new, {said}{highest}",
                count=new.count,
                said=tr("highest is ") if new.count > 1 else "",
                highest=tr(highest.word),
            )
        )
    if new.more_urgent:
        parts.append(tr("{more_urgent} more urgent now", more_urgent=new.more_urgent))
    return ", ".join(parts)


def summary_words(listing: Listing) -> str:
    """What stands over the list while nothing is new: how many there are, and in which order."""
    if not listing.is_loaded or not (listing.all_waiting or listing.snoozed):
        return ""
    if listing.is_to_sign and not listing.total:
        return tr("None of {all_waiting:,} needs your signature after another’s", all_waiting=listing.all_waiting)
    if listing.is_to_sign:
        return counted(listing.total, "needs your signature after another’s", "need your signature after another’s")
    if listing.is_put_off:
        return tr("{total:,} put off, {all_waiting:,} waiting", total=listing.total, all_waiting=listing.all_waiting)
    if listing.is_filtered:
        return tr(
            "{total:,} of {all_waiting:,} match, most urgent first",
            total=listing.total,
            all_waiting=listing.all_waiting,
        )
    put_off = tr(", {snoozed:,} put off", snoozed=listing.snoozed) if listing.snoozed else ""
    return tr("{all_waiting:,} waiting, most urgent first{put_off}", all_waiting=listing.all_waiting, put_off=put_off)
