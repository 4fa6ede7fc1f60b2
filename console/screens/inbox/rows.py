"""The rows of the list: items under the headings of their groups, and each as the kit paints it.

Invariant: what is painted is worked out for the rows in sight alone and when they are painted, so that ages are right
then, and a second passing costs the same with ten thousand rows as with ten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from console.domain.ages import age, left, short_clock
from console.domain.decision import DecisionState
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.risk import Risk
from console.domain.together import sort_of
from console.qtkit.rowdata import HeadingRow, RowMark
from console.qtkit.rowdata import InboxRow as Line
from console.qtkit.tokens import Tone
from console.screens.inbox.listing import Listing
from console.screens.inbox.values import brief
from console.screens.inbox.wording import KIND_WORDS, KINDS, MARKED_KINDS, RISKS, STATES, URGENCIES
from console.services.views import InboxRow, Urgency

Row: TypeAlias = InboxRow | HeadingRow

TITLE = 160
PART = 60
NAME = 16
HEADING = "heading "
COUNTED = 1_000
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands in the list, and for each line its place among the items; a heading has that of the item below.

    ``alike`` counts rows of each sort, ``under`` those that are folded under a row, by its id.
    """

    rows: tuple[Row, ...] = ()
    places: tuple[int, ...] = ()
    alike: Mapping[tuple[object, ...], int] = field(default_factory=dict)
    under: Mapping[str, int] = field(default_factory=dict)

    def row_place(self, line: int) -> int:
        """The place among the items of what stands at this line."""
        return self.places[min(max(line, 0), len(self.places) - 1)] if self.places else 0


def lines(listing: Listing) -> Lines:
    """All lines of the list: items under the headings of their groups, without those of folded groups."""
    made: list[Row] = []
    places: list[int] = []
    group: Urgency | None = None
    for place, row in enumerate(listing.rows):
        if row.urgency is not group:
            group = row.urgency
            made.append(_heading(group, listing))
            places.append(place)
        if group not in listing.folded and row.item_id not in listing.away:
            made.append(row)
            places.append(place)
    alike = Counter(sort_of(row.waiting) for row in listing.rows[:COUNTED] if row.item_id not in listing.gone)
    return Lines(tuple(made), tuple(places), alike, Counter(listing.away.values()))


def item_line(
    row: InboxRow,
    person: Person,
    now: datetime,
    mark: DecisionState | None,
    *,
    is_gone: bool,
    is_marked: bool = False,
    alike: int = 0,
    under: int = 0,
    is_age_told: bool = False,
) -> Line:
    """One item as it is painted.

    ``alike`` is how many of its sort are in the list, ``under`` how many of them are folded under it.

    Where the age of what was read is told above the list, an old row has its icon only.
    """
    waiting = row.waiting
    icon, tone = RISKS[waiting.risk]
    is_over = waiting.due_at is not None and waiting.due_at <= now
    parts = (waiting.workflow, waiting.agent, row.connection)
    return Line(
        row_id=row.item_id,
        icon=icon,
        tone=tone,
        risk_word=tr(waiting.risk.word).capitalize(),
        title=brief(waiting.title, TITLE),
        where=" · ".join(brief(part, PART) for part in parts if part),
        age=age(waiting.opened_at, now),
        time_left=left(waiting.due_at, now) if waiting.due_at is not None and not is_gone else "",
        is_over=is_over,
        is_solid=waiting.risk is Risk.CRITICAL,
        stale_age=tr("{read_at} old", read_at=age(row.read_at, now)) if row.is_stale and not is_age_told else "",
        marks=(
            *((RowMark("history", "", Tone.MEDIUM),) if row.is_stale and is_age_told else ()),
            *((RowMark("square-check", tr("marked"), Tone.ACCENT),) if is_marked else ()),
            *_marks(row, person, now, mark, is_gone=is_gone),
            *(_alike(alike, under) if not is_gone else ()),
        ),
    )


def _alike(alike: int, under: int) -> Sequence[RowMark]:
    if under:
        return (RowMark("layers", tr("+{under} alike", under=under), Tone.ACCENT),)
    return (RowMark("layers", tr("{alike} alike", alike=alike), Tone.SECOND),) if alike >= SEVERAL else ()


def _marks(
    row: InboxRow, person: Person, now: datetime, mark: DecisionState | None, *, is_gone: bool
) -> Sequence[RowMark]:
    """The marks, most telling first; painted from the right."""
    waiting = row.waiting
    if is_gone:
        return (RowMark("circle-minus", tr("waits no longer"), Tone.SECOND),)
    marks: list[RowMark] = []
    if mark is not None:
        icon, tone = STATES[mark]
        marks.append(RowMark(icon, tr(str(mark)), tone))
    if waiting.problem:
        marks.append(RowMark("octagon-x", tr("unreadable"), Tone.CRITICAL))
    if waiting.required_approvals > 1:
        words = tr(
            "{approvals} of {required_approvals}",
            approvals=waiting.approvals,
            required_approvals=waiting.required_approvals,
        )
        words += tr(", you signed") if person.person_id in waiting.approved_by else ""
        marks.append(RowMark("signature", words, Tone.PERSON))
    if waiting.claim is not None and waiting.claim.until > now:
        is_mine = waiting.claim.by.person_id == person.person_id
        name = tr("you") if is_mine else brief(waiting.claim.by.name.split(" ")[0], NAME)
        marks.append(RowMark("user-check", name, Tone.PERSON if is_mine else Tone.SECOND))
    if row.snoozed_until is not None and row.snoozed_until > now:
        marks.append(
            RowMark(
                "alarm-clock",
                tr("till {snoozed_until}", snoozed_until=short_clock(row.snoozed_until, now)),
                Tone.SECOND,
            )
        )
    if waiting.kind in MARKED_KINDS:
        marks.append(RowMark(KINDS[waiting.kind][0], "", Tone.SECOND, KIND_WORDS[waiting.kind]))
    return marks


def group_of(line_id: str) -> Urgency | None:
    """The group whose heading has this id; nothing for an item's."""
    return Urgency(int(line_id.removeprefix(HEADING))) if line_id.startswith(HEADING) else None


def _heading(group: Urgency, listing: Listing) -> HeadingRow:
    shown = sum(row.urgency is group for row in listing.rows)
    count = max(shown, listing.by_urgency.get(group, 0)) if listing.total > len(listing.rows) else shown
    return HeadingRow(
        row_id=f"{HEADING}{group.value}",
        title=URGENCIES[group],
        count=f"{count:,}",
        is_folded=group in listing.folded,
    )
