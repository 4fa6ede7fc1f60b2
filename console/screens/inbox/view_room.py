"""How much room there is beside the open item, and whether the context is folded there.

Invariant: what a person chose for one kind of room is remembered for that kind alone; until they do, the context folds
where its room is needed.
"""

from __future__ import annotations

import enum

from console.qtkit.tokens import Width
from console.screens import Memory
from console.screens.inbox.state import InboxState

FOLDS_BELOW = 1300
FOLDED, UNFOLDED = "folded", "unfolded"


class Room(enum.StrEnum):
    """Little in a narrow window, or where two sides need it; else enough."""

    NARROW = "narrow"
    CONFLICT = "conflict"
    WIDE = "wide"


def is_narrow(width: int) -> bool:
    """Whether a screen of this width stands in a narrow window."""
    return width + Width.RAIL < FOLDS_BELOW


def room(width: int, state: InboxState | None) -> Room:
    """The room that a screen of this width has for what is open."""
    if is_narrow(width):
        return Room.NARROW
    item = state.item if state is not None else None
    has_sides = item is not None and item.escalation is not None and bool(item.escalation.sides)
    return Room.CONFLICT if has_sides else Room.WIDE


def is_folded(memory: Memory, where: Room) -> bool:
    """Whether the context is folded there."""
    return memory.get(f"inbox/context/{where}", UNFOLDED if where is Room.WIDE else FOLDED) == FOLDED


def remember(memory: Memory, where: Room, *, folded: bool) -> None:
    """Keep what a person chose."""
    memory.set(f"inbox/context/{where}", FOLDED if folded else UNFOLDED)
