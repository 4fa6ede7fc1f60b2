"""What led here: the few entries of the trail that matter, and the way to all of them.

Invariant: what the item itself brings stands here at once; the trail is read beside it and joins later, with its age.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.domain.ages import short_clock
from console.domain.escalation import Escalation
from console.domain.language import tr
from console.domain.leading import leading
from console.domain.run import TrailEntry
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, quiet
from console.screens.inbox import content as c
from console.screens.inbox.values import brief
from console.screens.inbox.wording import TRAIL, read_ago
from console.services.views import ItemView


def blocks(item: ItemView, escalation: Escalation, now: datetime) -> Iterator[c.Block]:
    """The entries, oldest first, and the way on."""
    part = item.around.led
    entries = part.value.entries if part.value is not None else leading(escalation.led_here)
    if entries:
        yield c.Happened(tuple(_entry(each, now) for each in entries))
    if part.problem:
        yield c.Remark(
            "unplug", Tone.MEDIUM, tr("The trail could not be read: {problem}", problem=brief(part.problem, 300))
        )
    if part.value is None or part.read_at is None:
        yield c.ToTrail()
        return
    count = f"{part.value.total:,}"
    length = (
        tr(", {count} entries", count=count) if part.value.is_all else tr(", more than {count} entries", count=count)
    )
    yield c.ToTrail(length if part.value.total else "", read_ago(part.read_at, now))


def _entry(entry: TrailEntry, now: datetime) -> c.Entry:
    icon, tone = TRAIL[entry.kind]
    words: list[str | Span] = [brief(entry.title, 200)]
    if entry.text and entry.text != entry.title:
        words += [quiet(f"  {brief(entry.text, 200)}")]
    time = short_clock(entry.at, now) if entry.at is not None else ""
    return c.Entry(time, icon, Tone.CRITICAL if entry.is_failed else tone, words)
