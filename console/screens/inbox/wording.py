"""The words and icons of kinds, risks, states and trail entries, in one place for all parts of the inbox."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from console.domain.ages import JUST_NOW, MINUTE, span
from console.domain.decision import DecisionState
from console.domain.escalation import Kind
from console.domain.language import tr
from console.domain.risk import Risk
from console.domain.run import TrailKind
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, strong
from console.services.views import Urgency

RISKS: dict[Risk, tuple[str, Tone]] = {
    Risk.CRITICAL: ("shield-alert", Tone.CRITICAL),
    Risk.HIGH: ("octagon-alert", Tone.HIGH),
    Risk.MEDIUM: ("triangle-alert", Tone.MEDIUM),
    Risk.LOW: ("circle-dot", Tone.LOW),
}
URGENCIES = {
    Urgency.OVERDUE: tr("Overdue"),
    Urgency.DUE_SOON: tr("Due soon"),
    Urgency.WAITING: tr("Waiting"),
}
STATES: dict[DecisionState, tuple[str, Tone]] = {
    DecisionState.HELD: ("timer", Tone.ACCENT),
    DecisionState.QUEUED: ("clock", Tone.SECOND),
    DecisionState.SENDING: ("send", Tone.SECOND),
    DecisionState.CONFIRMED: ("check", Tone.ACCENT),
    DecisionState.CARRIED_OUT: ("check-check", Tone.OK),
    DecisionState.FAILED: ("octagon-x", Tone.CRITICAL),
    DecisionState.HALF_GRANTED: ("signature", Tone.PERSON),
    DecisionState.SUPERSEDED: ("history", Tone.MEDIUM),
    DecisionState.REFUSED: ("ban", Tone.CRITICAL),
    DecisionState.UNCERTAIN: ("circle-help", Tone.HIGH),
    DecisionState.EXPIRED: ("timer", Tone.SECOND),
    DecisionState.WITHDRAWN: ("undo-2", Tone.SECOND),
}
KINDS: dict[Kind, tuple[str, str]] = {
    Kind.CHECKPOINT: ("user-check", tr("Checkpoint at gate ")),
    Kind.QUESTION: ("question", tr("Question at step ")),
    Kind.DOUBT: ("circle-help", tr("Doubt at step ")),
    Kind.FAILURE: ("octagon-x", tr("Failed at step ")),
    Kind.CONFLICT: ("conflict", tr("Conflict at step ")),
    Kind.VIOLATION: ("shield-x", tr("Violation at step ")),
    Kind.STUCK: ("repeat", tr("Stuck at step ")),
    Kind.INTERVENTION: ("circle-pause", tr("A person stepped in at ")),
    Kind.COMMAND: ("user-check", tr("Stepping in at ")),
}
KIND_WORDS: dict[Kind, str] = {
    Kind.CHECKPOINT: tr("Checkpoint"),
    Kind.QUESTION: tr("Question"),
    Kind.DOUBT: tr("Doubt"),
    Kind.FAILURE: tr("Failed"),
    Kind.CONFLICT: tr("Conflict"),
    Kind.VIOLATION: tr("Violation"),
    Kind.STUCK: tr("Stuck"),
    Kind.INTERVENTION: tr("A person stepped in"),
    Kind.COMMAND: tr("Stepping in"),
}
# The kinds whose row shows a mark: the others wait at a gate, as most do.
MARKED_KINDS = frozenset(Kind) - {Kind.CHECKPOINT, Kind.COMMAND}
TRAIL: dict[TrailKind, tuple[str, Tone]] = {
    TrailKind.PROMPT: ("message-square", Tone.SECOND),
    TrailKind.RESPONSE: ("bot", Tone.SECOND),
    TrailKind.REASONING: ("brain", Tone.SECOND),
    TrailKind.TOOL_CALL: ("wrench", Tone.SECOND),
    TrailKind.STATE_CHANGE: ("database", Tone.SECOND),
    TrailKind.HAND_OFF: ("arrow-left-right", Tone.MEDIUM),
    TrailKind.GUARDRAIL: ("shield-alert", Tone.HIGH),
    TrailKind.RETRY: ("repeat", Tone.HIGH),
    TrailKind.FAILED_ATTEMPT: ("octagon-x", Tone.CRITICAL),
    TrailKind.ESCALATION: ("hourglass", Tone.PERSON),
    TrailKind.DECISION: ("gavel", Tone.PERSON),
    TrailKind.EFFECT: ("zap", Tone.OK),
    TrailKind.NOTE: ("file-text", Tone.SECOND),
}


_NUMBERS = re.compile(r"(?<![\w.,/#-])[−-]?[€$£¥]?\d[\d,]*(?:\.\d+)?(?:\s?(?:%|EUR|USD|GBP|CHF)(?!\w))?(?![\w/-])")


def with_numbers(text: str) -> list[str | Span]:
    """A sentence with its amounts and counts made to stand out, which is what a rule was tripped by."""
    words: list[str | Span] = []
    end = 0
    for found in _NUMBERS.finditer(text):
        words += [text[end : found.start()], strong(found.group())]
        end = found.end()
    return [*words, text[end:]]


def read_ago(at: datetime, now: datetime) -> str:
    """How old a reading is, in steps, so that a line of it is seldom drawn anew: never younger than it is."""
    seconds = (now - at).total_seconds()
    if seconds < JUST_NOW:
        return tr("read just now")
    step = 10 if seconds < MINUTE else MINUTE
    return tr("read {timedelta} ago", timedelta=span(timedelta(seconds=math.ceil(seconds / step) * step)))
