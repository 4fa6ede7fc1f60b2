"""Where each card of a list stands, when most heights are guesses.

Pure. Invariant: ``tops`` has one more entry than there are cards, the last being the end; a height once known is kept
for its key until everything is forgotten, and guesses never overwrite it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Heights:
    """Heights and tops in px, from ``top`` on, with ``gap`` between the cards."""

    def __init__(self, top: int, gap: int) -> None:
        self._top = top
        self._gap = gap
        self._known: dict[str, int] = {}
        self._heights: list[int] = []
        self.tops: list[int] = [top]

    def __len__(self) -> int:
        return len(self._heights)

    @property
    def total(self) -> int:
        """The height of all of it, with the room at the top kept at the bottom as well."""
        return self.tops[-1] + self._top - self._gap if self._heights else 0

    def of(self, place: int) -> int:
        """The height at a place, known or guessed."""
        return self._heights[place]

    def is_known(self, key: str) -> bool:
        """Whether the height of this key was measured."""
        return key in self._known

    def take(self, cards: Iterable[tuple[str, int]]) -> None:
        """Begin anew with these keys and guesses; what is known stays known."""
        self._heights = [self._known.get(key, guess) for key, guess in cards]
        self._place()

    def learn(self, measured: Iterable[tuple[int, str, int]]) -> bool:
        """Take over measured heights (place, key, height). Returns whether any was guessed wrong."""
        was_wrong = False
        for place, key, height in measured:
            self._known[key] = height
            if self._heights[place] != height:
                self._heights[place] = height
                was_wrong = True
        if was_wrong:
            self._place()
        return was_wrong

    def forget(self) -> None:
        """Forget what is known, as when the width changed."""
        self._known.clear()

    def place_at(self, height: int) -> int:
        """The card that begins at this height or above it; -1 above the first."""
        return bisect_right(self.tops, height) - 1

    def between(self, top: int, bottom: int) -> range:
        """The places of the cards that meet this stretch."""
        count = len(self._heights)
        first = min(max(0, self.place_at(top)), count)
        return range(first, min(count, self.place_at(bottom) + 1))

    def _place(self) -> None:
        self.tops = list(accumulate((height + self._gap for height in self._heights), initial=self._top))
