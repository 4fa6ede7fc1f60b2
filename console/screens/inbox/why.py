"""Why a person is asked: the rule with the numbers that tripped it, how sure the agent is, what came with it.

Invariant: where a caveat came from, and whether it was read on its way, is told only where the hand-offs say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from console.domain.escalation import Escalation
from console.domain.language import counted, tr
from console.domain.run import HandOff
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.precedents import hit_rate
from console.screens.inbox.values import brief
from console.screens.inbox.wording import with_numbers
from console.services.views import ItemView

MOST_CAVEATS = 12
NAME = 60


@dataclass(frozen=True, slots=True)
class Way:
    """Where a warning came from, and who was handed it and never read it."""

    source: str = ""
    unread_by: str = ""


def blocks(item: ItemView, escalation: Escalation) -> Iterator[c.Block]:
    """Who asked for it, the rule, the agent's confidence, caveats and open questions."""
    if escalation.initiator:
        yield c.Paragraph([tr("Asked for by "), strong(brief(escalation.initiator, NAME))])
    if escalation.rule is not None:
        rule = escalation.rule
        yield c.Paragraph([tr("Rule "), strong(brief(rule.name, 120)), ": ", *with_numbers(brief(rule.text, 600))])
    if escalation.confidence is not None:
        yield c.Confidence(escalation.confidence, hit_rate(item.around.alike))
    moved = item.around.hand_offs.value or ()
    for caveat in escalation.caveats[:MOST_CAVEATS]:
        way = _way(caveat, moved, is_question=False)
        yield c.Remark("triangle-alert", Tone.MEDIUM, _warning(tr("Caveat"), caveat, way))
    for question in escalation.open_questions[:MOST_CAVEATS]:
        way = _way(question, moved, is_question=True)
        yield c.Remark("circle-help", Tone.MEDIUM, _warning(tr("Open question"), question, way))
    left = max(0, len(escalation.caveats) - MOST_CAVEATS) + max(0, len(escalation.open_questions) - MOST_CAVEATS)
    if left:
        yield c.Paragraph(
            quiet(tr("and {counted} more", counted=counted(left, "caveat or question", "caveats and questions")))
        )


def _warning(what: str, text: str, way: Way) -> Words:
    source = tr(" from {source}", source=brief(way.source, NAME)) if way.source else ""
    words: list[str | Span] = [strong(what), f"{source}: “{brief(text, 600)}”"]
    if way.unread_by:
        words.append(
            Span(
                tr(" Never read by {unread_by}.", unread_by=brief(way.unread_by, NAME)), is_strong=True, tone=Tone.HIGH
            )
        )
    return words


def _way(text: str, moved: Iterable[HandOff], *, is_question: bool) -> Way:
    """The first step that handed a text over, and the last that was handed it without reading it."""
    source, unread_by = "", ""
    for each in moved:
        if text in (each.open_questions if is_question else each.caveats):
            source = source or each.from_step
            is_dropped = text in (each.dropped_questions if is_question else each.dropped_caveats)
            unread_by = each.agent or each.to_step if is_dropped else ""
    return Way(source, unread_by)
