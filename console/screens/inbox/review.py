"""What the review pane says about one item: what will happen, why a person is asked, what led here.

Invariant: pure in the item and in what was unfolded; every text is bounded. `Reviewed.shown` judges the signed content
alone (tool and arguments, or the whole request where there is no proposal): it decides about approving.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import age, short_clock
from console.domain.canonical import Json
from console.domain.escalation import Approval, Escalation, Proposal, Verdict
from console.domain.language import counted, tr
from console.domain.pauses import Pause, Scope, pause_of
from console.domain.rules import EXECUTING
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, data, quiet, strong
from console.screens.inbox import changing, conflict, led, reaching, receipt, why
from console.screens.inbox import content as c
from console.screens.inbox.said import change
from console.screens.inbox.values import Arguments, Shown, Value, arguments, brief, text_value, titles
from console.screens.inbox.verdicts import is_over
from console.services.views import ItemView

MOST_SIGNED = 6
MOST_EDITS = 5
JUST_NOW = tr("just now")
MOST_NAMED = 3
NAMED = 80
SENTENCE_ENDS = frozenset(".!?…")
TITLE_CHARACTERS = 160
REQUEST_CHARACTERS = 1_200


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The sections to show, and how much of the signed content they show."""

    sections: tuple[c.SectionContent, ...] = ()
    shown: Shown = Shown.ALL


def review(item: ItemView, unfolded: frozenset[str], now: datetime) -> Reviewed:
    """The pane's sections; while the item was never read in full, why not, if that is known."""
    escalation = item.escalation
    if escalation is None:
        return Reviewed(tuple(_unread(item)))
    told = changing.told(escalation.proposal.arguments) if escalation.proposal else None
    proposed = _named(escalation.proposal, told.arguments, unfolded) if told and escalation.proposal else None
    asked = [] if escalation.proposal else _request(escalation, unfolded)
    over = is_over(item)
    decided = c.SectionContent(tr("Decision"), tuple(receipt.blocks(item, now)) if over else ())
    if escalation.key.is_command:
        told_of = tuple(_command(escalation, item, proposed, now))
        shown = proposed.shown if proposed else Shown.ALL
        return Reviewed((decided, *told_of) if decided.blocks else told_of, shown)
    wanted = tr("If you approve") if EXECUTING & set(escalation.verdicts) and not over else tr("What it wanted")
    sections = [
        decided,
        c.SectionContent("", tuple(_held_or_moved(item, escalation)) if not over else ()),
        c.SectionContent("", tuple(_conflict(escalation, now, is_over=over))),
        c.SectionContent(_signed_label(escalation), tuple(_signatures(escalation, item, now))),
        c.SectionContent(tr("What failed"), tuple(_failure(escalation, unfolded))),
        c.SectionContent(tr("The question"), tuple(_question(escalation, unfolded))),
        c.SectionContent(wanted, tuple(_proposal(escalation, proposed, told.lines if told else (), unfolded))),
        c.SectionContent(tr("Why you"), tuple(why.blocks(item, escalation))),
        c.SectionContent(tr("If it is wrong, and who else"), tuple(reaching.blocks(item, escalation, now))),
        c.SectionContent(tr("What led here"), tuple(led.blocks(item, escalation, now))),
        c.SectionContent(tr("Arguments in full"), tuple(_in_full(escalation, proposed))),
    ]
    shown = max([value.shown for value in asked] + ([proposed.shown] if proposed else []), default=Shown.ALL)
    shown = max(shown, conflict.shown(escalation))
    return Reviewed(tuple(section for section in sections if section.blocks), shown)


def _named(proposal: Proposal, left: Mapping[str, Json], unfolded: frozenset[str]) -> Arguments:
    """Those arguments that are shown by themselves, under the names that the tool's schema has for people."""
    return arguments(left, unfolded, titles(proposal.schema, proposal.arguments))


def _command(
    escalation: Escalation, item: ItemView, proposed: Arguments | None, now: datetime
) -> Iterator[c.SectionContent]:
    """What a person may do at any time, or did: what comes of it, to what, and how far it reaches."""
    if escalation.approvals:
        yield c.SectionContent(_signed_label(escalation), tuple(_signatures(escalation, item, now)))
    text = escalation.rule.text if escalation.rule is not None else ""
    is_done = Verdict.RESUME in escalation.verdicts
    told = (c.Paragraph(brief(text, 600)),) if text else ()
    if told:
        yield c.SectionContent(tr("What was done") if is_done else tr("What it does"), told)
    pause = pause_of(escalation.row)
    if pause is not None:
        yield c.SectionContent(tr("To what"), (c.Paragraph(_held(pause, item)),))
    elif proposed is not None:
        yield c.SectionContent(tr("To what"), tuple(argument_blocks(proposed)))
    if escalation.blast.steps:
        steps = ", ".join(brief(step, 80) for step in escalation.blast.steps[:8])
        yield c.SectionContent(tr("It reaches"), (c.Paragraph(steps, is_small=True),))


def _held(pause: Pause, item: ItemView) -> Words:
    """What is paused, or goes on, in words: they say all that is signed of it; and how many runs that is."""
    what = brief(pause.what[0].upper() + pause.what[1:], NAMED)
    words: list[str | Span] = [strong(what), tr(" on {name}", name=brief(item.connection.config.name, NAMED))]
    held = item.around.held.value
    if pause.scope is Scope.AGENT:
        words.append(tr(", in every run where it is still to act."))
    elif pause.is_wide and held is not None:
        least = "" if held.is_all else tr("at least ")
        words.append(
            tr(
                ": {least}{counted} under way now, and those that start until it is resumed.",
                least=least,
                counted=counted(held.count, "run"),
            )
        )
    elif pause.is_wide:
        words.append(tr(": all its runs, and those that start until it is resumed."))
    return words


def _unread(item: ItemView) -> Iterator[c.SectionContent]:
    """What is in the way of reading an item, as its row has it; the last attempt's failure is told above."""
    if not item.is_open:
        yield c.SectionContent(
            tr("Not read"), (c.Paragraph(tr("It does not wait for anybody any more. Take the next item.")),)
        )
        return
    problem = item.row.waiting.problem if item.row is not None else ""
    blocks = (c.Box("octagon-x", Tone.CRITICAL, brief(problem, 600)),) if problem else ()
    if problem or item.error:
        remark = c.Paragraph(quiet(tr("Nothing can be decided on it until it is read.")))
        yield c.SectionContent(tr("Not read"), (*blocks, remark))


def _request(escalation: Escalation, unfolded: frozenset[str]) -> list[Value]:
    """The texts that are signed where no structured proposal is."""
    values = [
        text_value(escalation.question, "question", unfolded, REQUEST_CHARACTERS),
        text_value(escalation.failure, "failure", unfolded, REQUEST_CHARACTERS),
    ]
    if len(escalation.row.title) > TITLE_CHARACTERS:
        values.append(Value("", Shown.CUT))
    return values


def _conflict(escalation: Escalation, now: datetime, *, is_over: bool) -> Iterator[c.Block]:
    """Both sides next to each other, before anything else."""
    if conflict.is_conflict(escalation):
        if not is_over:
            yield c.Paragraph(conflict.lede(escalation))
        if escalation.row.problem:
            problem = brief(escalation.row.problem, 600)
            yield c.Box("octagon-x", Tone.CRITICAL, [strong(tr("Part of this could not be read. ")), problem])
        yield conflict.sides(escalation, now, is_over=is_over)


def _held_or_moved(item: ItemView, escalation: Escalation) -> Iterator[c.Block]:
    """What an approval would not do, or not on what the agent saw."""
    if escalation.contest:
        yield c.Box("conflict", Tone.HIGH, [strong(tr("Held. ")), brief(escalation.contest, 400)])
    if escalation.revision is not None and item.revision is not None and item.revision > escalation.revision:
        further = counted(item.revision - escalation.revision, "revision")
        told = tr("Its state is {further} further than when this was proposed.", further=further)
        yield c.Box("history", Tone.MEDIUM, [strong(tr("The run has moved on. ")), told])


def _proposal(
    escalation: Escalation, proposed: Arguments | None, states: tuple[c.ChangeLine, ...], unfolded: frozenset[str]
) -> Iterator[c.Block]:
    """What it is, the short arguments and what changes; where changes say it in short, long arguments come last."""
    proposal = escalation.proposal
    if proposal is None or proposed is None:
        return
    yield c.Paragraph(_what(proposal))
    if escalation.row.problem:
        yield c.Box(
            "octagon-x", Tone.CRITICAL, [strong(tr("Part of this could not be read. ")), escalation.row.problem]
        )
    yield from (block for block in argument_blocks(proposed) if isinstance(block, c.Grid))
    yield from changing.blocks(states, proposal.changes, unfolded)
    if not proposal.changes:
        yield from _long(proposed)
    elif any(True for _ in _long(proposed)):
        names = [table.name for table in proposed.tables] + [row.name for row in proposed.rows if not row.is_short]
        named = ", ".join(brief(name, 60) for name in names[:MOST_NAMED]) or tr("More arguments")
        yield c.Paragraph(
            quiet(tr("Below, in full: {named}{said}", named=named, said=", …" if len(names) > MOST_NAMED else "")),
            is_small=True,
        )


def _in_full(escalation: Escalation, proposed: Arguments | None) -> Iterator[c.Block]:
    """The long arguments, where what changes stands in their place above."""
    if proposed is not None and escalation.proposal is not None and escalation.proposal.changes:
        yield from _long(proposed)


def _long(proposed: Arguments) -> Iterator[c.Block]:
    return (block for block in argument_blocks(proposed) if not isinstance(block, c.Grid))


def _what(proposal: Proposal) -> list[str | Span]:
    words: list[str | Span] = [Span(brief(proposal.tool, 200), is_strong=True, is_data=True)]
    if proposal.resource:
        words += [tr(" on "), data(brief(proposal.resource, 200))]
    if proposal.summary:
        summary = brief(proposal.summary, 600)
        words += [": ", summary if summary[-1:] in SENTENCE_ENDS else f"{summary}."]
    words.append(" ")
    if proposal.is_reversible:
        words.append(Span(tr("Can be undone"), is_strong=True, tone=Tone.OK, icon="undo-2"))
    else:
        words.append(Span(tr("Cannot be undone"), is_strong=True, tone=Tone.HIGH, icon="lock"))
    if proposal.reversal:
        goes_on = ", " if proposal.is_reversible else " "
        words += [". " if proposal.reversal[0].isupper() else goes_on, brief(proposal.reversal, 300)]
    return words


def argument_blocks(proposed: Arguments) -> Iterator[c.Block]:
    """Arguments as blocks: the short ones side by side, the long ones below, then tables and what is folded."""
    short = tuple(row for row in proposed.rows if row.is_short)
    if short:
        yield c.Grid(short)
    for row in proposed.rows:
        if not row.is_short:
            yield c.Long(row)
    for table in proposed.tables:
        yield c.Entries(table)
    if proposed.fold:
        yield c.Unfold(tr("Show {counted} more", counted=counted(proposed.more_rows, "value")), proposed.fold)
    elif proposed.more_rows:
        words = tr("At least {counted} more are not shown.", counted=counted(proposed.more_rows, "value"))
        yield c.Remark("triangle-alert", Tone.HIGH, words)


def _question(escalation: Escalation, unfolded: frozenset[str]) -> Iterator[c.Block]:
    if not escalation.question or conflict.is_conflict(escalation):
        return
    yield c.Told(text_value(escalation.question, "question", unfolded, REQUEST_CHARACTERS))
    if escalation.row.problem:
        yield c.Box(
            "octagon-x", Tone.CRITICAL, [strong(tr("Part of this could not be read. ")), escalation.row.problem]
        )
    suggestion = escalation.suggestion
    if suggestion is not None:
        given = suggestion if isinstance(suggestion, dict) else {"answer": suggestion}
        yield c.Paragraph(quiet(tr("Suggested answer")), is_small=True)
        yield from argument_blocks(arguments(given, unfolded))


def _failure(escalation: Escalation, unfolded: frozenset[str]) -> Iterator[c.Block]:
    if escalation.failure:
        yield c.Told(text_value(escalation.failure, "failure", unfolded, REQUEST_CHARACTERS), is_data=True)
    if escalation.row.problem and escalation.proposal is None and not escalation.question:
        yield c.Box(
            "octagon-x", Tone.CRITICAL, [strong(tr("Part of this could not be read. ")), escalation.row.problem]
        )


def _signed_label(escalation: Escalation) -> str:
    return tr("First signature") if len(escalation.approvals) == 1 else tr("Signed so far")


def _signatures(escalation: Escalation, item: ItemView, now: datetime) -> Iterator[c.Block]:
    for place, approval in enumerate(escalation.approvals[:MOST_SIGNED], start=1):
        yield _signed(
            approval,
            tr("{place} of {required_approvals}", place=place, required_approvals=escalation.row.required_approvals),
            item,
            now,
        )
    if len(escalation.approvals) > MOST_SIGNED:
        more = counted(len(escalation.approvals) - MOST_SIGNED, "signature")
        yield c.Paragraph(quiet(tr("and {more} more", more=more)), is_small=True)


def _signed(approval: Approval, count: str, item: ItemView, now: datetime) -> c.Signed:
    is_same = approval.digest == item.digest
    verdict = (
        strong(tr("the same as you see now"), Tone.OK) if is_same else strong(tr("not what you see now"), Tone.CRITICAL)
    )
    passed = age(approval.at, now)
    return c.Signed(
        brief(approval.by.name, 80),
        f"{tr(approval.by.role).capitalize()} · {short_clock(approval.at, now)}, "
        + (passed if passed == JUST_NOW else tr("{passed} ago", passed=passed)),
        [data(brief(approval.digest[:8], 8)), " = " if is_same else " ≠ ", verdict],
        tuple(change(each) for each in approval.changes[:MOST_EDITS]),
        brief(approval.reason, 600),
        count,
        max(0, len(approval.changes) - MOST_EDITS),
    )
