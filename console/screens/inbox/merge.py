"""What a fresh page does to the list a person is looking at: nothing under the cursor moves.

Invariant: the rows up to the anchor keep their places and their groups. What is new and belongs above waits behind a
bar and is counted; what belongs below enters. A row that left stays as a ghost while it stands above the anchor or is
the anchor, so that nothing shifts under the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.domain.risk import Risk
from console.services.views import InboxRow, Urgency

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class NewItems:
    """What waits behind the bar: new items, and known ones that have become more urgent than their place says."""

    count: int = 0
    more_urgent: int = 0
    highest: Risk | None = None

    def __bool__(self) -> bool:
        return bool(self.count or self.more_urgent)


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows to show; ``gone`` names those among them that wait no more."""

    rows: tuple[InboxRow, ...]
    gone: frozenset[str] = frozenset()
    new: NewItems = NewItems()


def merge(shown: Sequence[InboxRow], page: Sequence[InboxRow], anchor: int = NOWHERE) -> Merged:
    """The list after ``page`` came. ``anchor`` is the last index that must not move; without one the page is taken."""
    if anchor == NOWHERE or not shown:
        return Merged(tuple(page))
    places = {row.item_id: place for place, row in enumerate(page)}
    held = shown[: anchor + 1]
    kept = tuple(
        replace(page[places[row.item_id]], urgency=row.urgency) if row.item_id in places else row for row in held
    )
    held_ids = {row.item_id for row in held}
    gone = frozenset(held_ids - places.keys())
    line = max((places[row.item_id] for row in held if row.item_id in places), default=NOWHERE)
    known = {row.item_id for row in shown}
    waiting: list[InboxRow] = []
    below: list[InboxRow] = []
    for place, row in enumerate(page):
        if row.item_id in held_ids:
            continue
        if place < line and row.item_id not in known:
            waiting.append(row)
        else:
            below.append(_clamped(row, held[-1].urgency))
    rows = (*kept, *below)
    return Merged(rows, gone, _counted(waiting, rows, places, page))


def _clamped(row: InboxRow, floor: Urgency) -> InboxRow:
    return row if row.urgency >= floor else replace(row, urgency=floor)


def _counted(
    waiting: Sequence[InboxRow], rows: Sequence[InboxRow], places: dict[str, int], page: Sequence[InboxRow]
) -> NewItems:
    risen = sum(row.item_id in places and page[places[row.item_id]].urgency < row.urgency for row in rows)
    highest = max((row.waiting.risk for row in waiting), default=None)
    return NewItems(len(waiting), risen, highest)
