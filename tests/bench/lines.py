"""What a benchmark says: one line with our figures, those of a baseline measured beside them, and the ratio.

Invariant: nothing is judged here. A figure is what was measured in this run on this machine, however busy it was.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MANY = 100
NAME_WIDTH = 46


@dataclass(frozen=True, slots=True)
class Spread:
    """The samples of one thing, in milliseconds."""

    samples: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.samples)

    @property
    def high(self) -> float:
        """The largest of all but the highest hundredth."""
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    def __str__(self) -> str:
        middle = [self.median, self.high] if len(self.samples) >= MANY else [self.median]
        shown = [min(self.samples), *middle, max(self.samples)]
        return " / ".join(_figure(each) for each in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One result. ``is_worst_compared``: the ratio is of the largest samples, not of the medians."""

    name: str
    ours: Spread
    beside: str
    baseline: Spread
    is_worst_compared: bool = False
    note: str = ""

    def __str__(self) -> str:
        if self.is_worst_compared:
            ratio, of = max(self.ours.samples) / max(self.baseline.samples), "max"
        else:
            ratio, of = self.ours.median / self.baseline.median, "median"
        told = f"{self.name:<{NAME_WIDTH}} {self.ours} ms | {self.beside}: {self.baseline} ms | {ratio:.1f} x ({of})"
        return f"{told} | {self.note}" if self.note else told


def _figure(milliseconds: float) -> str:
    for below, digits in ((1.0, 3), (10.0, 2), (100.0, 1)):
        if milliseconds < below:
            return f"{milliseconds:.{digits}f}"
    return f"{milliseconds:,.0f}"
