"""Putting an item off: for how long a person may not want to see it, and when it is back at the latest.

Invariant: whatever is chosen, it is back :data:`BACK_BEFORE_DUE` before it is due; what is due sooner stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.ages import long_span, short_clock
from console.domain.language import tr

BACK_BEFORE_DUE = timedelta(minutes=10)
LENGTHS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
MORNING = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """Until when, and what that is called."""

    words: str
    until: datetime


def choices(now: datetime, due_at: datetime | None) -> tuple[Choice, ...]:
    """Until when an item can be put off, the shortest first; nothing where it is due too soon."""
    latest = due_at - BACK_BEFORE_DUE if due_at is not None else None
    wanted = [Choice(tr("For {length}", length=long_span(length)), now + length) for length in LENGTHS]
    morning = _next_morning(now)
    wanted.append(Choice(tr("Until {morning}", morning=short_clock(morning, now)), morning))
    kept = [each for each in wanted if latest is None or each.until <= latest]
    if latest is not None and latest > now:
        kept.append(
            Choice(
                tr(
                    "Until {latest}, {back_before_due} before it is due",
                    latest=short_clock(latest, now),
                    back_before_due=long_span(BACK_BEFORE_DUE),
                ),
                latest,
            )
        )
    return tuple(sorted(kept, key=lambda each: each.until))


def _next_morning(now: datetime) -> datetime:
    """Nine o'clock, local, of the next day that has it ahead."""
    local = now.astimezone()
    today = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)
