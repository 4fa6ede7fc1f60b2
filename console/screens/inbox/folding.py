"""Rows that ask the same fold into one: which of them are out of sight, and which are shown again.

Invariant: only what is of low or medium risk and differs in nothing but its figures is folded, under the first of them,
where there are several. What is selected, marked or being decided is never out of sight.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from console.domain.risk import Risk
from console.domain.together import sort_of
from console.services.views import InboxRow

if TYPE_CHECKING:
    from console.screens.inbox.listing import Listing

Alike: TypeAlias = tuple[object, ...]
SEVERAL = 5
MOST = 1_000
FIGURES = re.compile(r"\d[\d.,:/-]*")


def alike(row: InboxRow) -> Alike:
    """What rows that fold into one have in common."""
    return (row.urgency, sort_of(row.waiting), FIGURES.sub("#", row.waiting.title))


def away(listing: Listing) -> Mapping[str, str]:
    """The rows out of sight among the first :data:`MOST`, each with the row under which it is."""
    groups: dict[Alike, list[str]] = defaultdict(list)
    for row in listing.rows[:MOST]:
        if row.waiting.risk <= Risk.MEDIUM and row.item_id not in listing.gone:
            groups[alike(row)].append(row.item_id)
    shown = {listing.selected_id, *listing.marked, *listing.marks}
    return {
        item_id: ids[0]
        for key, ids in groups.items()
        if len(ids) >= SEVERAL and key not in listing.unfolded
        for item_id in ids[1:]
        if item_id not in shown
    }
