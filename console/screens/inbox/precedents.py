"""How cases like this one were decided before, how they ended, and how often such an agent was right.

Invariant: nothing is guessed. A case whose end is not known counts in no share of what ended well; where fewer than a
handful tell how right an agent is, that is left out. What only this desk remembers says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from console.domain.escalation import Verdict
from console.domain.language import counted, tr
from console.domain.precedent import Precedent, Precedents
from console.domain.receipt import Outcome
from console.domain.run import RunStatus
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, link, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.values import brief
from console.screens.inbox.wording import read_ago
from console.services.surroundings import Alike, Part

FOLD = "\0alike"
EXAMPLES = 3
MOST_EXAMPLES = 20
TITLE = 80
ENDED = 60
LAST = 50
ENOUGH = 5
WELL, BADLY, CANCELLED, OPEN, UNKNOWN = (
    "well",
    "failed",
    tr("cancelled"),
    tr("still open"),
    tr("whose end is not known"),
)
JUDGED = frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT})
SAID: dict[Verdict, tuple[str, str, Tone]] = {
    Verdict.APPROVE: (tr("approved"), "check", Tone.LOW),
    Verdict.REJECT: (tr("rejected"), "x", Tone.CRITICAL),
    Verdict.EDIT: (tr("edited"), "pencil", Tone.MEDIUM),
    Verdict.ANSWER: (tr("answered"), "message-square", Tone.LOW),
    Verdict.RETRY: (tr("retried"), "repeat", Tone.LOW),
    Verdict.REROUTE: (tr("rerouted"), "corner-down-right", Tone.PERSON),
    Verdict.SKIP: (tr("skipped"), "skip-forward", Tone.SECOND),
    Verdict.CANCEL: (tr("cancelled"), "ban", Tone.SECOND),
}
OTHERWISE = (tr("otherwise"), "ellipsis", Tone.SECOND)


def block(part: Part[Alike], connection: str, unfolded: frozenset[str], now: datetime) -> c.SectionContent | None:
    """The block of the context pane; none while nothing is known, or no such case was decided."""
    alike = part.value
    if alike is None or not alike.precedents.found:
        return None
    cases = alike.precedents.found
    blocks: list[c.Block] = [c.Shares(tuple(_shares(cases)))]
    shown = cases[:MOST_EXAMPLES] if FOLD in unfolded else examples(cases)
    blocks += [c.Example(brief(case.title, TITLE), _ended(case, alike)) for case in shown]
    end = _balance(cases, is_desk=alike.is_desk)
    if len(shown) < min(len(cases), MOST_EXAMPLES):
        count = (
            tr("all {count}", count=len(cases))
            if len(cases) <= MOST_EXAMPLES
            else tr("{most_examples} of {count}", most_examples=MOST_EXAMPLES, count=len(cases))
        )
        end += [link(tr("Show {count}", count=count), c.FOLD + FOLD), " "]
    elif len(cases) > len(shown):
        end += [quiet(tr("and {more} more ", more=len(cases) - len(shown)))]
    if part.read_at is not None:
        end.append(quiet(("· " if end else "") + read_ago(part.read_at, now)))
    blocks.append(c.Paragraph(end, is_small=True))
    if part.problem:
        blocks.append(
            c.Paragraph(
                quiet(tr("The engine did not tell: {problem}", problem=brief(part.problem, 200))), is_small=True
            )
        )
    return c.SectionContent(tr("How such cases ended"), tuple(blocks), "history", _scope(alike, connection, now))


def examples(cases: tuple[Precedent, ...]) -> tuple[Precedent, ...]:
    """The latest three; the last place goes to the latest that ended badly, where none of them did."""
    latest = cases[:EXAMPLES]
    bad = next((case for case in cases if case.is_well is False), None)
    if bad is None or any(case.is_well is False for case in latest):
        return latest
    return (*latest[: EXAMPLES - 1], bad)


def hit_rate(part: Part[Alike]) -> str:
    """How often such an agent was right: taken as it proposed, carried out, and the run came to its end.

    Of the latest cases in which it had said how sure it is and whose end is known; nothing where there are too few.
    """
    cases = part.value.precedents.found if part.value is not None else ()
    judged = [case for case in cases if _is_judged(case)][:LAST]
    if len(judged) < ENOUGH:
        return ""
    right = sum(case.verdict is Verdict.APPROVE and case.is_well is True for case in judged)
    return tr("right {right:.0%} of the last {count}", right=right / len(judged), count=len(judged)).replace("%", " %")


def _is_judged(case: Precedent) -> bool:
    """Whether a case tells how right its agent was."""
    is_known = case.is_well is not None or not case.is_let_through
    return is_known and case.verdict in JUDGED and case.confidence is not None


def _shares(cases: Iterable[Precedent]) -> Iterable[c.Share]:
    counts = Counter(SAID.get(case.verdict, OTHERWISE) for case in cases)
    for said in (*SAID.values(), OTHERWISE):
        if counts[said]:
            word, icon, tone = said
            yield c.Share(word, icon, tone, counts[said])


def _balance(cases: tuple[Precedent, ...], *, is_desk: bool) -> list[str | Span]:
    """Of all that were let through, how many ended well, how many did not, and of how many that is not known yet.

    A desk by itself does not know whether a run came to its end.
    """
    let = [case for case in cases if case.is_let_through]
    counts = Counter(_end(case, is_desk=is_desk) for case in let)
    if not any(case.is_well is not None for case in let):
        return []
    parts: list[str | Span] = [
        tr("Of {count} let through, ", count=len(let)),
        strong(tr("{counts} ended well", counts=counts[WELL])),
    ]
    parts += [f", {counts[end]} {end}" for end in (BADLY, CANCELLED, OPEN, UNKNOWN) if counts[end]]
    return [*parts, ". "]


def _end(case: Precedent, *, is_desk: bool) -> str:
    if case.is_well is not None:
        is_cancelled = case.ended is RunStatus.CANCELLED and case.outcome is not Outcome.FAILED
        return WELL if case.is_well else CANCELLED if is_cancelled else BADLY
    return OPEN if case.ended is None and not is_desk else UNKNOWN


def _ended(case: Precedent, alike: Alike) -> Words:
    """What became of one case, in a word or two; that its run went on is not known to a desk by itself."""
    said = SAID.get(case.verdict, OTHERWISE)[0]
    if case.outcome is Outcome.FAILED:
        return Span(brief(tr(case.message), ENDED) or tr("failed after approval"), tone=Tone.CRITICAL)
    if case.ended is RunStatus.FAILED:
        return Span(tr("{said}, the run failed", said=said), tone=Tone.CRITICAL)
    if case.ended is RunStatus.CANCELLED and case.verdict is not Verdict.CANCEL:
        return Span(tr("{said}, run cancelled", said=said), tone=Tone.HIGH)
    if not case.is_let_through:
        return Span(said, tone=Tone.SECOND)
    edited = tr("edited, ") if case.verdict is Verdict.EDIT else ""
    if case.is_well or (alike.is_desk and case.outcome is Outcome.CARRIED_OUT):
        return Span(tr("edited, done") if edited else tr("carried out"), tone=Tone.OK)
    return Span(f"{edited}{case.outcome}", tone=Tone.SECOND)


def _scope(alike: Alike, connection: str, now: datetime) -> str:
    """Over what was looked: how many days, and where."""
    where = tr("this desk") if alike.is_desk else brief(connection, 30)
    since = _since(alike.precedents, now)
    return f"{since}, {where}" if since else where


def _since(told: Precedents, now: datetime) -> str:
    since = told.since if told.is_whole or not told.found else told.found[-1].at
    days = (now - since).days if since is not None else 0
    return counted(days, "day") if days else ""
