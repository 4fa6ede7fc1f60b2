"""Times as people read them: how old, how long left, at what o'clock.

Invariant: a length is never rounded up, so nothing looks fresher, or due later, than it is. Every moment is aware; what
is shown as a clock time is local. Fails with :class:`TypeError` for a naive moment, as arithmetic with it does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3_600, 86_400
JUST_NOW = 3
ONE_UNIT = 3
CLOSE_HOURS = 6


def span(length: timedelta) -> str:
    """A length in its largest unit, for columns: ``40 s``, ``41 m``, ``1 h``, ``3 d``; never negative."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= DAY:
        return f"{seconds // DAY} d"
    if seconds >= HOUR:
        return f"{seconds // HOUR} h"
    return f"{seconds // MINUTE} m" if seconds >= MINUTE else f"{seconds} s"


def long_span(length: timedelta) -> str:
    """A length for a sentence: ``40 s``, ``6 min``, ``2 h 40 min``, ``3 d``; never negative."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds >= ONE_UNIT * DAY:
        return f"{seconds // DAY} d"
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    return f"{hours} h {minutes} min" if minutes and hours < DAY // HOUR else f"{hours} h"


def age(moment: datetime, now: datetime) -> str:
    """How long ago, for columns; ``just now`` within the first seconds and for clocks that run ahead."""
    length = now - moment
    return "just now" if length.total_seconds() < JUST_NOW else span(length)


def left(due_at: datetime, now: datetime) -> str:
    """Time left for columns: ``6 m left``, ``1 h 54 m left``, or ``6 m over`` once it has passed."""
    return f"{_close(due_at - now)} left" if due_at > now else f"{_close(now - due_at)} over"


def _close(length: timedelta) -> str:
    """As :func:`span`, to the minute where it is some hours: half a deadline must not be cut off."""
    hours, rest = divmod(max(0, int(length.total_seconds())), HOUR)
    return f"{hours} h {rest // MINUTE} m" if 1 <= hours < CLOSE_HOURS and rest >= MINUTE else span(length)


def long_left(due_at: datetime, now: datetime) -> str:
    """Time left for a sentence: ``6 min left`` or ``6 min over``."""
    return f"{long_span(due_at - now)} left" if due_at > now else f"{long_span(now - due_at)} over"


def clock(moment: datetime) -> str:
    """Hours, minutes and seconds, local."""
    return moment.astimezone().strftime("%H:%M:%S")


def short_clock(moment: datetime, now: datetime) -> str:
    """Hours and minutes, local; with the date before them on another day than today."""
    local = moment.astimezone()
    is_today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M") if is_today else local.strftime("%d %b %H:%M").lstrip("0")
