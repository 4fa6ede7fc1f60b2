"""What follows if it is wrong, and who else is about the same: other items, what was decided lately, steps behind it.

Invariant: what is known here is said as known here. That nobody else wants a resource is told of this desk's
connections and decisions alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.domain.ages import age
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.language import counted, tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.said import carried, outcome, sign
from console.screens.inbox.values import brief
from console.services.views import DecisionView, InboxRow, ItemView

MOST_RIVALS = 3
MOST_STEPS = 8
MOST_RUNS = 3
OPEN_ITEM = "item:"
JUST_NOW = tr("just now")
PAST: dict[Verdict, str] = {
    Verdict.APPROVE: tr("approved"),
    Verdict.EDIT: tr("edited and approved"),
    Verdict.REJECT: tr("rejected"),
    Verdict.ANSWER: tr("answered"),
    Verdict.REROUTE: tr("rerouted"),
    Verdict.RETRY: tr("retried"),
    Verdict.SKIP: tr("skipped"),
    Verdict.CANCEL: tr("cancelled"),
}


def blocks(item: ItemView, escalation: Escalation, now: datetime) -> Iterator[c.Block]:
    """Who else first, then how far it reaches."""
    yield from _rivals(item, escalation)
    for view in item.lately:
        yield _decided(view, escalation, now)
    yield from _reach(escalation)
    resource = escalation.row.resource
    if resource and item.is_open and not (item.rivals or item.lately or escalation.contest or escalation.blast.runs):
        told = tr(
            "Nothing else that waits here, or was decided here today, names {resource}.", resource=brief(resource, 80)
        )
        yield c.Paragraph(quiet(told), is_small=True)


def _rivals(item: ItemView, escalation: Escalation) -> Iterator[c.Block]:
    """Who else wants the same, over all connections, and the way there."""
    for rival in item.rivals[:MOST_RIVALS]:
        yield _rival(rival, escalation)
    if len(item.rivals) > MOST_RIVALS:
        yield c.Paragraph(quiet(tr("and {more} more", more=len(item.rivals) - MOST_RIVALS)), is_small=True)


def _rival(rival: InboxRow, escalation: Escalation) -> c.Box:
    what = brief(escalation.row.resource, 80)
    waiting = rival.waiting
    if waiting.kind is Kind.CONFLICT:
        words: Words = [
            strong(tr("A conflict is open ")),
            tr("on {what}: {title}", what=what, title=brief(waiting.title, 160)),
        ]
    elif escalation.row.kind is Kind.CONFLICT:
        words = [strong(tr("Asked by itself, too: ")), brief(waiting.title, 160)]
    else:
        where = " · ".join(brief(part, 60) for part in (waiting.workflow, waiting.agent, rival.connection) if part)
        words = [strong(tr("Another run wants {what}: ", what=what)), f"{brief(waiting.title, 160)} ({where})"]
    tone = Tone.SECOND if escalation.row.kind is Kind.CONFLICT else Tone.HIGH
    action = tr("Open conflict") if waiting.kind is Kind.CONFLICT else tr("Open it")
    return c.Box("conflict", tone, words, action, f"{OPEN_ITEM}{rival.item_id}")


def _decided(view: DecisionView, escalation: Escalation, now: datetime) -> c.Box:
    """What this desk decided on the same resource a little while ago."""
    icon, _ = sign(view)
    passed = age(view.decision.signed_at, now)
    when = passed if passed == JUST_NOW else tr("{passed} ago", passed=passed)
    said = PAST.get(view.decision.verdict, tr(view.decision.verdict))
    detail = carried(view)
    words: Words = [
        strong(f"{brief(view.decision.by.name, 60)} {said} "),
        tr(
            "“{title}” on {resource} {when}{said}: ",
            title=brief(view.title, 160),
            resource=brief(escalation.row.resource, 80),
            when=when,
            said=f", {detail}" if detail else "",
        ),
        *outcome(view),
    ]
    return c.Box(icon, Tone.MEDIUM, words, tr("Open it"), f"{OPEN_ITEM}{view.item_id}")


def _reach(escalation: Escalation) -> Iterator[c.Block]:
    blast = escalation.blast
    if blast.steps:
        words: list[str | Span] = [tr("Then run: ")]
        for place, step in enumerate(blast.steps[:MOST_STEPS]):
            words += [", "] if place else []
            words.append(strong(brief(step, 80)))
        yield c.Paragraph([*words, "." if len(blast.steps) <= MOST_STEPS else ", …"], is_small=True)
    if blast.runs:
        named = ", ".join(brief(run, 60) for run in blast.runs[:MOST_RUNS])
        more = tr(" and {more} more", more=len(blast.runs) - MOST_RUNS) if len(blast.runs) > MOST_RUNS else ""
        yield c.Paragraph([tr("Other runs: "), strong(named), more], is_small=True)
    reached = [
        counted(len(blast.steps), "later step") if blast.steps else "",
        counted(len(blast.runs), "other run") if blast.runs else "",
        counted(len(blast.resources), "resource") if blast.resources else "",
    ]
    if blast.runs or len(blast.resources) > 1:
        yield c.Paragraph(quiet(tr("Reaches {listed}.", listed=", ".join(filter(None, reached)))), is_small=True)
