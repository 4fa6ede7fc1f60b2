"""What became different about an item while it was on screen, in one sentence."""

from __future__ import annotations

from console.domain.escalation import Escalation
from console.domain.language import tr
from console.qtkit.words import Span, Words, data, strong
from console.screens.inbox.values import arguments, brief

MOST = 3
SHOWN = 40


def difference(before: Escalation, after: Escalation) -> Words:
    """The words of the banner: which values changed, with both of them, as many as fit a line or two."""
    words: list[str | Span] = [strong(tr("This changed while you looked. "))]
    changed = _values(before, after)
    for place, (name, old, new) in enumerate(changed[:MOST]):
        words += [", " if place else "", f"{name} ", data(brief(old, SHOWN)), " → ", data(brief(new, SHOWN))]
    if len(changed) > MOST:
        words.append(tr(" and {more} more", more=len(changed) - MOST))
    if changed:
        words.append(". ")
    words.append(tr("Read it again; what you entered is kept."))
    return words


def _values(before: Escalation, after: Escalation) -> list[tuple[str, str, str]]:
    """Name, old and new value of everything signed that differs."""
    old, new = _signed(before), _signed(after)
    names = [name for name in (*old, *(name for name in new if name not in old)) if old.get(name) != new.get(name)]
    return [(name, old.get(name, tr("nothing")), new.get(name, tr("nothing"))) for name in names]


def _signed(escalation: Escalation) -> dict[str, str]:
    proposal = escalation.proposal
    if proposal is None:
        return {"question": escalation.question, "failure": escalation.failure, "title": escalation.row.title}
    found = arguments(proposal.arguments)
    values = {row.name: row.value.text for row in found.rows}
    values |= {table.name: str(table.cells) for table in found.tables}
    values["tool"] = proposal.tool
    values["verdicts"] = ", ".join(sorted(escalation.verdicts))
    values["signatures needed"] = str(escalation.row.required_approvals)
    return values
