"""Times as people read them: how old, how long left, at what o'clock.

Invariant: a length is never rounded up, so nothing looks fresher, or due later, than it is. Every moment is aware; what
is shown as a clock time is local. Fails with :class:`TypeError` for a naive moment, as arithmetic with it does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from console.domain.language import tr

MINUTE, HOUR, DAY = 60, 3_600, 86_400
JUST_NOW = 3
ONE_UNIT = 3
CLOSE_HOURS = 6


def span(length: timedelta) -> str:
    """A length in its largest unit, for columns: ``40 s``, ``41 m``, ``1 h``, ``3 d``; never negative."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= DAY:
        return tr("{seconds} d", seconds=seconds // DAY)
    if seconds >= HOUR:
        return tr("{seconds} h", seconds=seconds // HOUR)
    return tr("{seconds} m", seconds=seconds // MINUTE) if seconds >= MINUTE else tr("{seconds} s", seconds=seconds)


def long_span(length: timedelta) -> str:
    """A length for a sentence: ``40 s``, ``6 min``, ``2 h 40 min``, ``3 d``; never negative."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < MINUTE:
        return tr("{seconds} s", seconds=seconds)
    if seconds < HOUR:
        return tr("{seconds} min", seconds=seconds // MINUTE)
    if seconds >= ONE_UNIT * DAY:
        return tr("{seconds} d", seconds=seconds // DAY)
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    return (
        tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
        if minutes and hours < DAY // HOUR
        else tr("{hours} h", hours=hours)
    )


def age(moment: datetime, now: datetime) -> str:
    """How long ago, for columns; ``just now`` within the first seconds and for clocks that run ahead."""
    length = now - moment
    return tr("just now") if length.total_seconds() < JUST_NOW else span(length)


def left(due_at: datetime, now: datetime) -> str:
    """Time left for columns: ``6 m left``, ``1 h 54 m left``, or ``6 m over`` once it has passed."""
    return (
        tr("{due_at} left", due_at=_close(due_at - now)) if due_at > now else tr("{now} over", now=_close(now - due_at))
    )


def _close(length: timedelta) -> str:
    """As :func:`span`, to the minute where it is some hours: half a deadline must not be cut off."""
    hours, rest = divmod(max(0, int(length.total_seconds())), HOUR)
    return (
        tr("{hours} h {rest} m", hours=hours, rest=rest // MINUTE)
        if 1 <= hours < CLOSE_HOURS and rest >= MINUTE
        else span(length)
    )


def long_left(due_at: datetime, now: datetime) -> str:
    """Time left for a sentence: ``6 min left`` or ``6 min over``."""
    return (
        tr("{due_at} left", due_at=long_span(due_at - now))
        if due_at > now
        else tr("{now} over", now=long_span(now - due_at))
    )


def clock(moment: datetime) -> str:
    """Hours, minutes and seconds, local."""
    return moment.astimezone().strftime("%H:%M:%S")


def short_clock(moment: datetime, now: datetime) -> str:
    """Hours and minutes, local; with the date before them on another day than today."""
    local = moment.astimezone()
    is_today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M") if is_today else local.strftime("%d %b %H:%M").lstrip("0")
