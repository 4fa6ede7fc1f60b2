"""The run over time: for each step its attempts, its work and its waits for people, as bars. Pure, so tested as data.

A failed attempt reaches from the one before (or the step's beginning) to its failure, pauses between attempts included.
A wait reaches from the escalation, or where the trail has none from the last that the step recorded, to the decision.
Invariants: the bars of a row do not overlap and stand in the order of time; a bar that goes on has no end; what the
engine does not tell has no bar.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.domain.ages import clock, long_span
from console.domain.language import tr
from console.domain.run import HandOff, Run, Step, StepStatus, TrailEntry, TrailKind
from console.screens.run.hand_offs import told_apart
from console.screens.run.values import brief

NAME = 80
SHORTEST = timedelta(seconds=1)
TICK_ROOM = 96.0
STEPS_OF_TIME = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
WAITING = tr("waiting ")
ASKED = tr("A person is asked")
AT_WORK = frozenset({StepStatus.RUNNING, StepStatus.GATE})
DAY = 86_400


class Doing(enum.Enum):
    """What a bar stands for."""

    WORKED = "worked"
    FAILED = "failed attempt"
    WAITED = "waited for people"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time; without an end it goes on. ``attempt`` numbers a failed one."""

    doing: Doing
    start: datetime
    end: datetime | None
    attempt: int = 0

    def words(self, now: datetime | None = None) -> str:
        """What it was and for how long; without a ``now`` one that goes on says since when."""
        name = (
            tr("attempt {attempt} failed", attempt=self.attempt) if self.doing is Doing.FAILED else tr(self.doing.value)
        )
        if self.end is None:
            going = tr("works") if self.doing is Doing.WORKED else tr("waits for people")
            return (
                tr("{going} since {start}", going=going, start=clock(self.start))
                if now is None
                else f"{going} {long_span(now - self.start)}"
            )
        took = long_span(self.end - self.start)
        return tr("{name} after {took}", name=name, took=took) if self.doing is Doing.FAILED else f"{name} {took}"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One step with its bars."""

    row_id: str
    step_id: str
    title: str
    status: StepStatus
    bars: tuple[Bar, ...] = ()

    def words(self, now: datetime | None = None) -> str:
        """Everything that was done, in order."""
        return ", ".join(bar.words(now) for bar in self.bars) or tr(self.status)

    @property
    def said(self) -> str:
        """All of it, for a screen reader and for copying."""
        return f"{self.title}: {self.words()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All rows, from when to when; without an end the run goes on."""

    rows: tuple[TimelineRow, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    def waits(self) -> dict[str, datetime]:
        """Since when each step waits for people that does so now, by its id."""
        going = ((row.step_id, bar) for row in self.rows for bar in row.bars[-1:] if bar.end is None)
        return {step_id: bar.start for step_id, bar in going if bar.doing is Doing.WAITED}

    def window(self, now: datetime) -> Window:
        """The whole of it."""
        start = self.start or now
        return Window(start, max(self.end or now, start + SHORTEST))

    def waited_share(self, now: datetime) -> float | None:
        """How much of the elapsed time somebody was waited for, 0 to 1; none where nothing has a time."""
        if self.start is None:
            return None
        whole = self.window(now)
        spans = sorted(
            (bar.start, bar.end or whole.end) for row in self.rows for bar in row.bars if bar.doing is Doing.WAITED
        )
        waited, reached = timedelta(0), whole.start
        for start, end in spans:
            waited += max(timedelta(0), end - max(start, reached))
            reached = max(reached, end)
        return min(1.0, waited / whole.length)


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is shown."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is; never nothing."""
        return max(self.end - self.start, SHORTEST)

    def x(self, moment: datetime, width: float) -> float:
        """Where a moment is on so many px; outside of them where it is not in the window."""
        return (moment - self.start) / self.length * width

    def zoomed(self, factor: float, share: float, whole: Window) -> Window:
        """A window ``factor`` times as close; the moment at ``share`` of the width stays. Not beyond ``whole``."""
        shortest = min(whole.length, SHORTEST)
        length = min(max(self.length / factor, shortest), whole.length)
        start = self.start + self.length * share - length * share
        return Window(start, start + length).within(whole)

    def moved(self, share: float, whole: Window) -> Window:
        """A window moved by a share of its length. Not beyond ``whole``."""
        by = self.length * share
        return Window(self.start + by, self.end + by).within(whole)

    def within(self, whole: Window) -> Window:
        """The window moved to lie in ``whole``, or ``whole`` where it is longer."""
        if self.length >= whole.length:
            return whole
        start = min(max(self.start, whole.start), whole.end - self.length)
        return Window(start, start + self.length)


def timeline(
    run: Run,
    steps: Sequence[Step],
    trail: Iterable[TrailEntry],
    waiting: Mapping[str, datetime] | None = None,
    hand_offs: Iterable[HandOff] = (),
) -> Timeline:
    """The run over time. ``waiting`` tells since when each step that waits for a person does.

    What waits for a person at no step of the plan, such as a conflict, has a row of its own. ``hand_offs`` tell when a
    step handed on and when it was given something again: in between it did not work.
    """
    moved = tuple(hand_offs)
    by_step: dict[str, list[TrailEntry]] = {}
    for entry in trail:
        if entry.at is not None:
            by_step.setdefault(entry.step, []).append(entry)
    for entries in by_step.values():
        entries.sort(key=_moment)
    is_over = run.closed_at is not None
    row_ids = told_apart(step.step_id for step in steps)
    rows = tuple(
        TimelineRow(
            row_id=row_id,
            step_id=step.step_id,
            title=brief(step.title or step.step_id, NAME),
            status=step.status,
            bars=_resting(
                _bars(step, by_step.get(step.step_id, []), (waiting or {}).get(step.step_id), is_over=is_over),
                _rests(step.step_id, moved),
            ),
        )
        for row_id, step in zip(row_ids, steps, strict=True)
    )
    known = {step.step_id for step in steps}
    lone = [(name, since) for name, since in (waiting or {}).items() if name not in known and not is_over]
    rows += tuple(
        TimelineRow(f"{WAITING}{name}", "", ASKED, StepStatus.GATE, (Bar(Doing.WAITED, since, None),))
        for name, since in lone
    )
    moments = [bar.start for row in rows for bar in row.bars]
    starts = [moment for moment in (run.started_at, *moments) if moment is not None]
    ends = [moment for moment in (run.closed_at, *(bar.end for row in rows for bar in row.bars)) if moment is not None]
    return Timeline(rows=rows, start=min(starts, default=None), end=max(ends, default=None) if is_over else None)


class Timekeeper:
    """Works the timeline out anew only when what it is made of is other than before."""

    def __init__(self) -> None:
        self._from: tuple[object, ...] = ()
        self._made = Timeline()

    def of(
        self,
        run: Run,
        steps: tuple[Step, ...],
        trail: tuple[TrailEntry, ...],
        waiting: dict[str, datetime],
        hand_offs: tuple[HandOff, ...] = (),
    ) -> Timeline:
        """The run over time."""
        given = (run, steps, trail, hand_offs, waiting)
        is_same = bool(self._from) and all(one is other for one, other in zip(given[:4], self._from[:4], strict=True))
        if not is_same or waiting != self._from[4]:
            self._from, self._made = given, timeline(run, steps, trail, waiting, hand_offs)
        return self._made


def ticks(window: Window, width: float) -> tuple[tuple[datetime, str], ...]:
    """Moments at round local times with their words, so far apart that the words have room."""
    most = max(1, int(width // TICK_ROOM))
    needed = window.length.total_seconds() / most
    apart = next((one for one in STEPS_OF_TIME if one >= needed), DAY * max(1, round(needed / DAY + 0.5)))
    local = window.start.astimezone()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + timedelta(seconds=((local - midnight).total_seconds() // apart + 1) * apart)
    count = int((window.end - first).total_seconds() // apart) + 1 if first <= window.end else 0
    moments = (first + timedelta(seconds=apart * number) for number in range(min(count, most + 1)))
    form = "%H:%M:%S" if apart < STEPS_OF_TIME[6] else "%H:%M" if apart < DAY else "%d %b"
    return tuple((moment, moment.strftime(form)) for moment in moments)


def _bars(step: Step, entries: list[TrailEntry], opened: datetime | None, *, is_over: bool) -> tuple[Bar, ...]:
    times = [entry.at for entry in entries if entry.at is not None]
    # What waits for a person now does so whatever else its step is said to do.
    is_waiting = opened is not None and not is_over
    start = min([*times, *([step.started_at] if step.started_at else [])], default=opened)
    if start is None:
        return ()
    goes_on = (step.status in AT_WORK or is_waiting) and not is_over
    end = None if goes_on else max([start, *times, *([step.ended_at] if step.ended_at else [])])
    marked = sorted([*_failures(start, entries), *_waits(step, entries, opened, goes_on=goes_on)], key=_begin)
    return tuple(_filled(start, end, marked))


def _failures(start: datetime, entries: Sequence[TrailEntry]) -> Iterable[Bar]:
    begin = start
    for entry in entries:
        if entry.kind is TrailKind.FAILED_ATTEMPT and entry.at is not None:
            yield Bar(Doing.FAILED, begin, max(begin, entry.at), entry.attempt)
            begin = max(begin, entry.at)


def _waits(step: Step, entries: Sequence[TrailEntry], opened: datetime | None, *, goes_on: bool) -> Iterable[Bar]:
    asked: datetime | None = None
    last: datetime | None = None
    for entry in entries:
        if entry.kind is TrailKind.ESCALATION:
            asked = asked or entry.at
        elif entry.kind is TrailKind.DECISION and not entry.is_failed:
            begin = asked or last
            if begin is not None and entry.at is not None:
                yield Bar(Doing.WAITED, begin, entry.at)
            asked = None
        last = entry.at
    if goes_on and (step.status is StepStatus.GATE or opened is not None):
        begin = opened or asked or last or step.started_at
        if begin is not None:
            yield Bar(Doing.WAITED, begin, None)


def _filled(start: datetime, end: datetime | None, marked: Sequence[Bar]) -> Iterable[Bar]:
    """The marked bars cut where they overlap, and work between them."""
    at = start
    for bar in marked:
        begin = max(at, bar.start)
        if bar.end is not None and bar.end <= at and bar.doing is not Doing.FAILED:
            continue
        if begin > at:
            yield Bar(Doing.WORKED, at, begin)
        if bar.end is None:
            yield Bar(bar.doing, begin, None)
            return
        at = max(begin, bar.end)
        yield Bar(bar.doing, begin, at, bar.attempt)
    if end is None:
        yield Bar(Doing.WORKED, at, None)
    elif end > at or not marked:
        yield Bar(Doing.WORKED, at, end)


def _rests(step_id: str, hand_offs: Sequence[HandOff]) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when a step had handed on and was given nothing new, in the order of time."""
    given = sorted(one.at for one in hand_offs if one.at is not None and one.to_step == step_id)
    handed_on = sorted(one.at for one in hand_offs if one.at is not None and one.from_step == step_id)
    found: list[tuple[datetime, datetime]] = []
    for again in given:
        # What several took up of one turn ends it with the first of them.
        since = found[-1][1] if found else given[0]
        left = next((at for at in handed_on if since < at < again), None)
        if left is not None:
            found.append((left, again))
    return tuple(found)


def _resting(bars: tuple[Bar, ...], rests: Sequence[tuple[datetime, datetime]]) -> tuple[Bar, ...]:
    """The bars without the work of the times in which the step had nothing to do."""
    for left, again in rests:
        made: list[Bar] = []
        for bar in bars:
            is_cut = bar.doing is Doing.WORKED and bar.start < left and (bar.end is None or bar.end > again)
            made += [replace(bar, end=left), replace(bar, start=again)] if is_cut else [bar]
        bars = tuple(made)
    return bars


def _moment(entry: TrailEntry) -> float:
    return entry.at.timestamp() if entry.at is not None else 0.0


def _begin(bar: Bar) -> datetime:
    return bar.start
