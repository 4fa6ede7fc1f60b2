"""The head of a run in words: its fields, the looks of why it does not move, and the summary for copying.

Invariant: what the engine does not tell is left out; nothing is guessed, no unit is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from console.domain.ages import age, clock, long_span, short_clock
from console.domain.display import one_line
from console.domain.language import tr
from console.domain.listing import Completion, RunRow
from console.domain.run import Run, Step
from console.domain.stillness import Cause
from console.qtkit.runlooks import RUN_LOOKS
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, data
from console.screens.run.cards import cost
from console.screens.run.hand_off_card import lost_words, used_words
from console.screens.run.layers import done_count
from console.screens.run.state import RunState
from console.screens.run.trail import Row

THOUSAND = 1_000
SUMMARY_ENTRIES = 10
TITLE_LIMIT = 200
NAME_LIMIT = 40

SURE_ENOUGH = 0.9
ENOUGH = 5
NONE_KNOWN = Completion()

CAUSE_LOOKS: dict[Cause, tuple[str, Tone]] = {
    Cause.PAUSED: ("circle-pause", Tone.LOW),
    Cause.NO_WORKER: ("unplug", Tone.HIGH),
    Cause.PERSON: ("hourglass", Tone.PERSON),
    Cause.STUCK: ("repeat", Tone.HIGH),
    Cause.RIVAL: ("git-merge", Tone.HIGH),
    Cause.OVERTAKEN: ("database", Tone.MEDIUM),
    Cause.RETRYING: ("repeat", Tone.HIGH),
    Cause.FAILED: ("octagon-x", Tone.CRITICAL),
    Cause.TOLD: ("info", Tone.SECOND),
    Cause.SILENT: ("clock", Tone.MEDIUM),
}


def fields(
    run: Run, now: datetime, steps: Sequence[Step] = (), before: Completion = NONE_KNOWN
) -> tuple[tuple[str, Span], ...]:
    """Label and value of each field that the engine could fill; ``before`` is how such runs ended."""
    return tuple(_fields(run, now, steps, before))


def listed(row: RunRow) -> Run:
    """What a list tells of a run, as a header: everything else is empty, and so not shown."""
    return Run(
        ref=row.ref,
        title=row.title,
        workflow=row.workflow,
        status=row.status,
        business_key=row.business_key,
        started_at=row.started_at,
        closed_at=row.closed_at,
        moved_at=row.moved_at,
    )


def weakest(steps: Iterable[Step]) -> Step | None:
    """The step that was the least sure of itself; none where none tells."""
    telling = [step for step in steps if step.confidence is not None]
    return min(telling, key=lambda step: step.confidence or 0.0, default=None)


def _fields(run: Run, now: datetime, steps: Sequence[Step], before: Completion) -> Iterator[tuple[str, Span]]:
    if run.business_key:
        yield tr("Business key"), data(one_line(run.business_key[:TITLE_LIMIT]))
    if run.started_by or run.started_at:
        at = short_clock(run.started_at, now) if run.started_at else ""
        told = ", ".join(part for part in (one_line(run.started_by[:TITLE_LIMIT]), at) if part)
        yield tr("Started by") if run.started_by else tr("Started"), Span(told)
    if run.owner:
        yield tr("Owner"), Span(one_line(run.owner[:TITLE_LIMIT]))
    if run.started_at:
        yield tr("Took") if run.closed_at else tr("Elapsed"), Span(long_span((run.closed_at or now) - run.started_at))
    if run.moved_at:
        yield tr("Last movement"), Span(f"{short_clock(run.moved_at, now)}, {_ago(run.moved_at, now)}")
    if run.revision:
        yield tr("Revision"), Span(f"{run.revision:,}")
    yield from _measured(steps, before)
    if run.tokens:
        yield tr("Tokens"), Span(tokens(run.tokens))
    if run.cost:
        yield tr("Cost"), Span(cost(run.cost))


def _measured(steps: Sequence[Step], before: Completion) -> Iterator[tuple[str, Span]]:
    least = weakest(steps)
    if least is not None and least.confidence is not None:
        named = f"{one_line((least.title or least.step_id)[:NAME_LIMIT])}, {percent(least.confidence)}"
        is_weak = least.confidence < SURE_ENOUGH
        yield tr("Weakest step"), Span(named, tone=Tone.MEDIUM, icon="triangle-alert") if is_weak else Span(named)
    if before.over >= ENOUGH:
        share = percent(before.completed / before.over)
        yield tr("Such runs complete"), Span(tr("{share} of {over:,} listed", share=share, over=before.over))


def percent(share: float) -> str:
    """A share in whole per cent, never rounded up: ``88 %``."""
    return f"{min(100, max(0, int(share * 100 + 1e-9)))} %"


def tokens(count: int) -> str:
    """A count of tokens: exact below a thousand, then in thousands."""
    return f"{count}" if count < THOUSAND else tr("{count:,.0f} k", count=count / THOUSAND)


def _ago(moment: datetime, now: datetime) -> str:
    told = age(moment, now)
    return told if told == tr("just now") else tr("{told} ago", told=told)


def freshness(read_at: datetime, now: datetime) -> str:
    """How old what is shown is: ``read 4 s ago``."""
    return tr("read {read_at}", read_at=_ago(read_at, now))


def summary(state: RunState) -> str:
    """The run in some lines of plain text, for a ticket or a colleague."""
    run = state.run
    if run is None:
        return ""
    lines = [
        one_line(run.title[:TITLE_LIMIT]) or one_line(run.workflow),
        tr("Status: {run_looks}", run_looks=RUN_LOOKS[state.doing][0]),
    ]
    if state.stillness is not None:
        lines.append(tr("Not moving: {stillness}", stillness=state.stillness.text))
    lines += [f"{label}: {span.text}" for label, span in fields(run, state.now, state.steps)]
    if state.steps:
        lines.append(tr("Steps: {steps} of {count} done", steps=done_count(state.steps), count=len(state.steps)))
    lines += [
        tr("Workflow: {workflow}", workflow=one_line(run.workflow)),
        tr("Run: {run_id} ({attempt_id})", run_id=one_line(run.ref.run_id), attempt_id=one_line(run.attempt_id)),
    ]
    if state.connection:
        lines.append(tr("Connection: {connection}", connection=one_line(state.connection)))
    if state.read_at is not None:
        lines.append(tr("Read at: {read_at}", read_at=state.read_at.isoformat(timespec="seconds")))
    last = state.trail.rows[-SUMMARY_ENTRIES:]
    if last:
        lines += ["", tr("Last in the trail:"), *(_line(row) for row in last)]
    return "\n".join(lines)


def _line(row: Row) -> str:
    entry = row.entry
    at = clock(entry.at) if entry.at is not None else ""
    said = one_line((entry.title or entry.text)[:TITLE_LIMIT])
    if row.hand_off is not None:
        moved = row.hand_off
        counted = [each for each in (used_words(moved), lost_words(moved)) if each]
        said = one_line(f"{moved.from_step} → {moved.to_step}: {', '.join(counted)}"[:TITLE_LIMIT])
    count = f" (×{len(row.entries)})" if row.is_folded else ""
    return "  ".join(part for part in (at, f"{entry.kind}{count}", said) if part)
