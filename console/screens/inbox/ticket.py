"""The ticket or address that a payload names, as text to copy.

Invariant: nothing is loaded and nothing is opened; only what the payload itself calls a ticket, or an address, is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from console.domain.canonical import Json
from console.domain.escalation import Escalation
from console.domain.language import tr
from console.qtkit.words import quiet
from console.screens.inbox import content as c
from console.screens.inbox.values import brief

COPY = "copy:"
MOST = 3
MOST_LOOKED_AT = 400
SHOWN = 200
NAMES = frozenset({"ticket", "ticket_id", "issue", "issue_id", "incident", "incident_id", "case_id"})
_ADDRESS = re.compile(r"https?://\S{1,400}")


def block(escalation: Escalation) -> c.SectionContent | None:
    """The block of the context pane; none where nothing is named."""
    found = dict(islice(_named(escalation), MOST))
    if not found:
        return None
    blocks: list[c.Block] = []
    for value, name in found.items():
        blocks += [c.Paragraph(quiet(brief(name, 60)), is_small=True), c.Copyable(brief(value, SHOWN), COPY + value)]
    return c.SectionContent(tr("Ticket"), tuple(blocks), "ticket")


def _named(escalation: Escalation) -> Iterator[tuple[str, str]]:
    """Value and name of each ticket or address among the arguments, and of an address that is the business key."""
    proposal = escalation.proposal
    level: list[tuple[str, Json]] = list(islice(proposal.arguments.items(), MOST_LOOKED_AT)) if proposal else []
    level.append((tr("business key"), escalation.row.business_key))
    for _ in range(MOST_LOOKED_AT):
        if not level:
            return
        name, value = level.pop(0)
        if isinstance(value, Mapping):
            level += islice(value.items(), MOST_LOOKED_AT)
        elif isinstance(value, str) and _is_named(name, value):
            yield value, name


def _is_named(name: str, value: str) -> bool:
    is_ticket = name.lower() in NAMES and 0 < len(value) <= SHOWN and value.isprintable()
    return is_ticket or _ADDRESS.fullmatch(value) is not None
