"""What stands above the list while a connection cannot carry on: said once there, and not on each of its rows.

Pure. Invariant: nothing is said of a connection that is live, still connecting, or paused by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.domain.ages import long_span
from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, strong
from console.services.views import ConnectionView, Health

NAME = 40
LEFT_OUT = frozenset({Health.LIVE, Health.CONNECTING, Health.PAUSED})
STATES: dict[Health, str] = {
    Health.IDLE: tr("server up, no worker."),
    Health.SLOW: tr("slow."),
    Health.DOWN: tr("down."),
    Health.DENIED: tr("denied access."),
}


def outage(connections: Iterable[ConnectionView], now: datetime) -> tuple[Span, ...]:
    """How each connection does that cannot carry on, how old its items are, and what to do; empty with none."""
    told: list[Span] = []
    for view in connections:
        if view.health in LEFT_OUT:
            continue
        old = ""
        if view.health is not Health.IDLE and view.newest_at is not None:
            old = tr("Its items are as of {now} ago.", now=long_span(now - view.newest_at))
        words = " ".join(part for part in (old, one_line(tr(view.message)), one_line(tr(view.next_action))) if part)
        told += [strong(f"{one_line(view.config.name[:NAME])}: {STATES[view.health]} "), Span(f"{words}\n")]
    return (*told[:-1], Span(told[-1].text.rstrip())) if told else ()


def outage_look(connections: Iterable[ConnectionView]) -> tuple[str, Tone]:
    """Icon and tone for the worst of them."""
    health = {view.health for view in connections} - LEFT_OUT
    if health & {Health.DOWN, Health.DENIED}:
        return "unplug", Tone.CRITICAL
    return "triangle-alert", Tone.HIGH if Health.IDLE in health else Tone.MEDIUM
