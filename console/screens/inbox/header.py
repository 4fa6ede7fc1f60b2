"""The head of the review pane: what it is, how risky, whose, how long, how fresh.

Invariant: made anew every second from the same item, so nothing in it needs more than the item and the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import age, long_left
from console.domain.escalation import Claim, Escalation, Kind, Waiting
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.pauses import pause_of
from console.domain.risk import Risk
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, quiet, strong
from console.screens.inbox.duties import needs_them, own
from console.screens.inbox.values import brief
from console.screens.inbox.verdicts import is_over
from console.screens.inbox.wording import KIND_WORDS, KINDS
from console.services.views import ItemView, Urgency

OPEN_RUN = "run"
RUN_SHOWN = 24
LONG_PLACE, SHORT_PLACE, ROOM = 80, 18, 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Everything above the sections. ``signatures`` is the words of the pill, empty where one person is enough."""

    title: str = ""
    risk: Risk = Risk.LOW
    about: Words = ""
    claim: Words = ""
    signatures: str = ""
    due: str = ""
    due_tone: Tone = Tone.SECOND
    place: Words = ""


def header(item: ItemView, person: Person, now: datetime) -> Header:
    """The head of an item; of its row alone until it is read in full."""
    waiting = item.escalation.row if item.escalation is not None else item.row.waiting if item.row else None
    if waiting is None:
        return Header(title=tr("Not read yet"))
    escalation = item.escalation
    _, words = KINDS[waiting.kind]
    where = _where(escalation) if escalation is not None and not escalation.sides else ""
    if escalation is not None and escalation.sides:
        words = tr("Conflict: one resource, two runs")
    about: Words = [words, strong(brief(where, 80))] if where else KIND_WORDS[waiting.kind]
    due, tone = "", Tone.SECOND
    over = is_over(item)
    if waiting.due_at is not None and not over:
        due = long_left(waiting.due_at, now)
        is_soon = item.row is not None and item.row.urgency is not Urgency.WAITING
        tone = Tone.CRITICAL if waiting.due_at <= now else Tone.HIGH if is_soon else Tone.SECOND
    return Header(
        title=brief(waiting.title, 300),
        risk=waiting.risk,
        about=about,
        claim=claim_words(waiting.claim, person, now) if not over else "",
        signatures=_signatures(waiting, escalation, person) if not over else "",
        due=due,
        due_tone=tone,
        place=_place(item, now),
    )


def _where(escalation: Escalation) -> str:
    return escalation.gate or escalation.step if escalation.row.kind is Kind.CHECKPOINT else escalation.step


def claim_words(claim: Claim | None, person: Person, now: datetime) -> Words:
    """Who is on it, and for how long still; nothing when nobody is."""
    if claim is None or claim.until <= now:
        return ""
    if claim.by.person_id == person.person_id:
        return tr("Claimed by you, {until}", until=long_left(claim.until, now))
    return tr("{name} is on it, {until}", name=brief(claim.by.name, 60), until=long_left(claim.until, now))


def _signatures(waiting: Waiting, escalation: Escalation | None, person: Person) -> str:
    has, needs = waiting.approvals, waiting.required_approvals
    if needs <= 1:
        return ""
    if not has or escalation is None:
        return (
            tr("Signed {has} of {needs}", has=has, needs=needs) if has else tr("Needs {needs} signatures", needs=needs)
        )
    if own(escalation, person) is not None:
        return tr("You signed, {has} of {needs}", has=has, needs=needs)
    is_theirs = needs_them(escalation, person)
    return (
        tr("Needs your signature, {has} of {needs}", has=has + 1, needs=needs)
        if is_theirs
        else tr("Signed {has} of {needs}", has=has, needs=needs)
    )


def _run(waiting: Waiting) -> Span:
    """The way to the run; from a pause to what it holds."""
    pause = pause_of(waiting)
    if pause is not None and pause.is_wide:
        return Span(tr("the runs it holds"), tone=Tone.ACCENT, link=OPEN_RUN)
    run_id = pause.name if pause is not None else waiting.key.run.run_id
    return Span(tr("run {run_id}", run_id=brief(run_id, RUN_SHOWN)), is_data=True, tone=Tone.ACCENT, link=OPEN_RUN)


def _place(item: ItemView, now: datetime) -> Words:
    waiting = item.escalation.row if item.escalation is not None else item.row.waiting if item.row else None
    if waiting is None:
        return ""
    places = [text for text in (waiting.workflow, waiting.agent, item.connection.config.name) if text]
    # The line is cut at its end, where its age stands: what is long gives way before.
    most = LONG_PLACE if sum(map(len, places)) + len(waiting.business_key) <= ROOM else SHORT_PLACE
    parts: list[Span] = [Span(brief(text, most)) for text in places]
    if waiting.business_key:
        parts.append(Span(brief(waiting.business_key, 60), is_data=True))
    parts.append(_run(waiting))
    if item.read_at is not None:
        read = age(item.read_at, now)
        is_old = item.row is not None and item.row.is_stale
        text = tr("read {read}", read=read) if read == tr("just now") else tr("read {read} ago", read=read)
        parts.append(Span(text, tone=Tone.MEDIUM, icon="history") if is_old else quiet(text))
    words: list[Span] = []
    for place, part in enumerate(parts):
        words += [quiet(" · "), part] if place else [part]
    return words
