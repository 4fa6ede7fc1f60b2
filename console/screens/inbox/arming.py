"""Decision keys arm half a second after the item is painted, so that a double A never approves the unread next one.

Invariant: armed is only what was painted for `ARM_AFTER` seconds without a break: another item, another digest of the
same item or content that was unfolded just now starts the time anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ARM_AFTER = 0.5


@dataclass(frozen=True, slots=True)
class Painted:
    """What a person has before their eyes: an item in one of its versions."""

    item_id: str
    digest: str


class Arming:
    """Remembers since when something has been on screen. ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._what: Painted | None = None
        self._since = 0.0

    def on_painted(self, what: Painted) -> bool:
        """Note what was painted; true when that is new and its time begins."""
        if what == self._what:
            return False
        self._what = what
        self._since = self._monotonic()
        return True

    def disarm(self) -> None:
        """Forget what was painted: something is about to take its place."""
        self._what = None

    def is_armed(self, what: Painted) -> bool:
        """Whether a decision about this may be made now."""
        return what == self._what and self._monotonic() - self._since >= ARM_AFTER
