"""Which entries of a run's trail matter to what waits now: a choice of few, in the order in which they happened.

Invariant: pure, and the same entries give the same choice. What an agent said of itself (prompts, responses, notes) is
never among them, unless the run marked it as what led here; failures and what was stopped come before all else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from console.domain.language import counted, tr
from console.domain.run import HandOff, TrailEntry, TrailKind

MOST = 6
MARKED = 5
WEIGHT = {
    TrailKind.GUARDRAIL: 6,
    TrailKind.FAILED_ATTEMPT: 6,
    TrailKind.DECISION: 5,
    TrailKind.EFFECT: 4,
    TrailKind.HAND_OFF: 1,
    TrailKind.RETRY: 3,
    TrailKind.TOOL_CALL: 2,
}
WARNING_HAND_OFF = 5
FAILED = 6
QUOTE = 3
KILOBYTE = 1_000
_QUOTES_POLICY = re.compile(r"§|\bpolic(?:y|ies)\b|\bguideline", re.IGNORECASE)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def leading(
    marked: Iterable[TrailEntry], trail: Iterable[TrailEntry] = (), hand_offs: Iterable[HandOff] = ()
) -> tuple[TrailEntry, ...]:
    """At most :data:`MOST` entries, oldest first.

    ``marked`` is what the run itself says led here, oldest first; ``trail`` is newest first, as it is read; of
    ``hand_offs`` those count that carried a caveat or a question.
    """
    weighed: dict[tuple[TrailKind, str], tuple[int, TrailEntry]] = {}
    for entry in (*reversed(tuple(trail)), *(_of_hand_off(each) for each in hand_offs)):
        weight = _weight(entry)
        if weight:
            weighed[_name(entry)] = (weight, entry)
    for entry in marked:
        known = weighed.get(_name(entry))
        weighed[_name(entry)] = (max(MARKED, _weight(entry)), known[1] if known and known[1].at else entry)
    in_order = sorted(weighed.values(), key=lambda each: _when(each[1]))
    heaviest = sorted(range(len(in_order)), key=lambda place: (in_order[place][0], place), reverse=True)[:MOST]
    return tuple(in_order[place][1] for place in sorted(heaviest))


def _when(entry: TrailEntry) -> datetime:
    return entry.at if entry.at is not None and entry.at.tzinfo is not None else _LONG_AGO


def _name(entry: TrailEntry) -> tuple[TrailKind, str]:
    return entry.kind, entry.title


def _weight(entry: TrailEntry) -> int:
    """How much an entry matters; 0 if it does not."""
    if entry.is_failed and entry.kind is not TrailKind.NOTE:
        return FAILED
    if entry.kind is TrailKind.HAND_OFF and entry.data.get("warns"):
        return WARNING_HAND_OFF
    if entry.kind is TrailKind.REASONING:
        return QUOTE if _QUOTES_POLICY.search(f"{entry.title} {entry.text}") else 0
    return WEIGHT.get(entry.kind, 0)


def _of_hand_off(moved: HandOff) -> TrailEntry:
    warnings = [
        counted(len(moved.caveats), "caveat") if moved.caveats else "",
        counted(len(moved.open_questions), "open question") if moved.open_questions else "",
    ]
    size = (
        tr("{size:.1f} KB", size=moved.size / KILOBYTE)
        if moved.size >= KILOBYTE
        else tr("{size} bytes", size=moved.size)
    )
    told = ", ".join(each for each in warnings if each)
    return TrailEntry(
        entry_id="",
        at=moved.at,
        kind=TrailKind.HAND_OFF,
        title=tr("{from_step} handed over {size}", from_step=moved.from_step, size=size),
        text=told,
        step=moved.to_step,
        data={"warns": True} if told else {},
    )
