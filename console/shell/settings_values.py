"""The settings of the window as values: read from the memory of a profile, each with what it is without a word.

Needs no Qt. Invariant: what is kept and makes no sense is the default; every name that :func:`reset` forgets is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from console.domain.risk import Risk
from console.screens import Memory

TEXT_SIZE = "window.text_size"
RISKS = "notices.risks"
SOUND = "notices.sound"
QUIET = "notices.quiet"
SIZES = (90, 100, 110, 125, 150)
USUAL_SIZE = 100
URGENT = frozenset({Risk.HIGH, Risk.CRITICAL})
YES, NO = "yes", "no"
QUIET_BEGIN, QUIET_END = time(22), time(7)


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """What is told to a person who looks elsewhere. ``quiet`` is from when to when nothing is, in local time."""

    risks: frozenset[Risk] = URGENT
    has_sound: bool = False
    quiet: tuple[time, time] | None = None

    def is_quiet(self, at: time) -> bool:
        """Whether it is a quiet hour. Midnight may lie between; from and to alike mean the whole day."""
        if self.quiet is None:
            return False
        begin, end = self.quiet
        if begin == end:
            return True
        return begin <= at < end if begin < end else at >= begin or at < end


def text_size(memory: Memory) -> int:
    """The size of text in percent: one of `SIZES`."""
    kept = memory.get(TEXT_SIZE, str(USUAL_SIZE))
    return int(kept) if kept in map(str, SIZES) else USUAL_SIZE


def notice_rules(memory: Memory) -> NoticeRules:
    """What a person wants to be told."""
    names = {risk.word: risk for risk in Risk}
    said = memory.get(RISKS, "-")
    risks = URGENT if said == "-" else frozenset(names[each] for each in said.split(",") if each in names)
    return NoticeRules(risks, memory.get(SOUND, NO) == YES, _quiet(memory.get(QUIET, "")))


def keep_notice_rules(memory: Memory, rules: NoticeRules) -> None:
    """Remember what a person wants to be told."""
    memory.set(RISKS, ",".join(risk.word for risk in sorted(rules.risks)))
    memory.set(SOUND, YES if rules.has_sound else NO)
    memory.set(QUIET, "-".join(each.strftime("%H:%M") for each in rules.quiet) if rules.quiet else "")


def _quiet(text: str) -> tuple[time, time] | None:
    begin, _, end = text.partition("-")
    try:
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        return None
