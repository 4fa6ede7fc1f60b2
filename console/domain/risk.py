"""Risk, from consequence and reversibility, and what follows from it: friction, undo, validity."""

from __future__ import annotations

import enum
from datetime import timedelta


class Risk(enum.IntEnum):
    """How much a wrong decision costs. Ordered: a higher number is worse."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The risk in one lower-case word, as people read it and commands print it."""
        return self.name.lower()


class Friction(enum.IntEnum):
    """What a person does beyond pressing the verdict's key. Each level includes what is named, not the ones below."""

    KEY = 1
    KEY_AND_ENTER = 2
    REASON = 3
    TYPED_NAME = 4


VALID_FOR = {
    Risk.LOW: timedelta(hours=8),
    Risk.MEDIUM: timedelta(hours=1),
    Risk.HIGH: timedelta(minutes=10),
    Risk.CRITICAL: timedelta(minutes=10),
}


def undo_window(risk: Risk) -> timedelta:
    """How long a decision is held before it is sent, on the monotonic clock."""
    return timedelta(seconds=15 if risk is Risk.CRITICAL else 5)
