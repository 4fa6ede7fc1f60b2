"""Runs and groups of failures as rows: words ready to be shown, worked out from what was listed and the time.

Pure. Invariant: a row says how old it is where its connection is away; what nobody told is empty, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.ages import age, long_left, long_span
from console.domain.display import one_line
from console.domain.doing import doing_of
from console.domain.escalation import Kind, Waiting
from console.domain.fingerprint import FailureGroup, ended_by, failure_of
from console.domain.language import tr
from console.domain.listing import RunRow
from console.domain.run import RunStatus
from console.qtkit.runlooks import RUN_LOOKS
from console.qtkit.tokens import Tone
from console.services.views import RunbookNote, RunLine

LONG_STILL = timedelta(minutes=30)
MAX_NOW = 300
BARS = 12
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunText:
    """One run as it is painted."""

    icon: str
    status: str
    tone: Tone
    workflow: str
    business_key: str
    connection: str
    started: str
    duration: str
    moved: str
    is_long_still: bool
    now: str
    stale_age: str = ""
    is_marked: bool = False

    @property
    def said(self) -> str:
        """What a screen reader says."""
        marked = tr("marked") if self.is_marked else ""
        moved = tr("moved {moved} ago", moved=self.moved) if self.moved and self.moved != tr("just now") else ""
        stale = tr("as of {stale_age} ago", stale_age=self.stale_age) if self.stale_age else ""
        parts = (marked, self.status, self.workflow, self.business_key, self.connection, self.now, moved, stale)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupText:
    """One group of failures as it is painted. ``bars`` are shares from 0 to 1, the oldest hour first."""

    fingerprint: str
    error: str
    where: str
    count: int
    bars: tuple[float, ...]
    workflows: str
    last: str
    has_note: bool
    can_act: bool = True
    acting: str = ""

    @property
    def said(self) -> str:
        """What a screen reader says."""
        note = tr("with a note") if self.has_note else tr("no note yet")
        return tr(
            "{error}, {where}, {count} runs, {workflows}, last {last}, {note}",
            error=self.error,
            where=self.where,
            count=self.count,
            workflows=self.workflows,
            last=self.last,
            note=note,
        )


def row_id(run: RunRow) -> str:
    """Under which id a run stands in the list."""
    return f"{run.ref.server}\n{run.ref.run_id}\n{run.ref.chain_id}"


def look(run: RunRow) -> tuple[str, str, Tone]:
    """Icon, word and tone of what a run is doing."""
    word, icon, tone = RUN_LOOKS[doing_of(run)]
    return icon, word, tone


def run_text(line: RunLine, now: datetime, *, is_marked: bool = False) -> RunText:
    """A run as it is painted now."""
    run = line.run
    icon, status, tone = look(run)
    # What pausing changed is no movement.
    is_paused = run.status is RunStatus.PAUSED
    still = now - run.moved_at if run.moved_at is not None else timedelta(0)
    return RunText(
        icon=icon,
        status=status,
        tone=tone,
        workflow=one_line(run.workflow),
        business_key=one_line(run.business_key),
        connection=one_line(line.connection),
        started=_clock(run.started_at, now),
        duration=duration(run, now),
        moved=age(run.moved_at, now) if run.moved_at is not None and not is_paused else "",
        is_long_still=run.closed_at is None and still >= LONG_STILL,
        now=line_words(line, now),
        stale_age=long_span(now - line.read_at) if line.is_stale else "",
        is_marked=is_marked,
    )


def line_words(line: RunLine, now: datetime) -> str:
    """Why a run does not move: what holds it up before what waits behind that."""
    return now_words(line.run, now) if line.pause is None else line.pause.briefly(now)


def now_words(run: RunRow, now: datetime) -> str:
    """Why a run does not move, or how it ended, in one line; empty where it moves or nobody says."""
    waits = run.failing or (run.waiting[0] if run.waiting else None)
    if waits is not None:
        return one_line(_waits_words(run, waits, now)[:MAX_NOW])
    step, message = ended_by(run.why) if run.status is RunStatus.FAILED else ("", run.why)
    return one_line(tr("{message} (at {step})", message=message[:MAX_NOW], step=step) if step else message[:MAX_NOW])


def _waits_words(run: RunRow, waits: Waiting, now: datetime) -> str:
    if run.status is RunStatus.PAUSED and run.why:
        return run.why
    if waits.failure:
        return tr("{failure} (at {native_id})", failure=waits.failure, native_id=waits.key.native_id)
    told = tr("in conflict: {title}", title=waits.title) if waits.kind is Kind.CONFLICT else waits.title
    # How long it waits stands in a column of its own; that it is late stands nowhere else.
    is_over = waits.due_at is not None and waits.due_at <= now
    return f"{long_left(waits.due_at, now)}: {told}" if is_over and waits.due_at is not None else told


def duration(run: RunRow, now: datetime) -> str:
    """How long a run took, or takes so far: ``4:50:14``, ``3 d 4 h``."""
    if run.started_at is None:
        return ""
    seconds = max(0, int(((run.closed_at or now) - run.started_at).total_seconds()))
    days, rest = divmod(seconds, 86_400)
    if days:
        return tr("{days} d {rest} h", days=days, rest=rest // 3600)
    return f"{rest // 3_600}:{rest % 3_600 // 60:02d}:{rest % 60:02d}"


def group_text(group: FailureGroup, now: datetime, note: RunbookNote | None, acting: str = "") -> GroupText:
    """A group of failures as it is painted now."""
    known = failure_of(group.runs[0])
    workflows = group.workflows
    return GroupText(
        fingerprint=group.fingerprint[:4],
        error=one_line(known.headline if known is not None else group.headline),
        where=_where(group),
        count=len(group.runs),
        bars=bars(group, now),
        workflows=one_line(workflows[0]) if len(workflows) == 1 else tr("{count} workflows", count=len(workflows)),
        last=f"{age(group.last_at, now)}" if group.last_at is not None else "",
        has_note=note is not None,
        can_act=any(run.failing is not None for run in group.runs),
        acting=acting,
    )


def _where(group: FailureGroup) -> str:
    known = failure_of(group.runs[0])
    if known is not None and known.step:
        return tr("at {step}", step=known.step)
    return tr("the run ended") if group.runs[0].closed_at is not None else tr("the run stands still")


def bars(group: FailureGroup, now: datetime) -> tuple[float, ...]:
    """How many failed in each of the last :data:`BARS` hours, as shares of the most in one."""
    found = [0] * BARS
    for at in group.times:
        if at is not None and timedelta(0) <= now - at < BARS * HOUR:
            found[BARS - 1 - int((now - at) / HOUR)] += 1
    most = max(found)
    return tuple(count / most if most else 0.0 for count in found)


def _clock(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    local = at.astimezone()
    return local.strftime("%H:%M" if local.date() == now.astimezone().date() else "%d %b")
