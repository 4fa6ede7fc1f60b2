"""All that the screen of the runs shows, as one frozen value."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.ages import clock
from console.domain.display import one_line
from console.domain.fingerprint import FailureGroup
from console.domain.language import tr
from console.domain.listing import RunRow
from console.screens.runs.act_state import ActState
from console.screens.runs.finding import Chip, Filter
from console.screens.runs.rows import row_id
from console.services.views import Health, RunbookNote, RunLine, RunSource


class Emptiness(enum.Enum):
    """Why no run is in the list."""

    LOADING = "loading"
    NO_CONNECTION = "no connection"
    NO_MATCH = "no match"
    NO_RUN = "no run"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsState:
    """The screen. ``lines`` are the runs that the filter leaves, in its order; ``chips`` counts of all.

    ``group_id`` is the fingerprint shown at the side, ``marked`` the ids of rows; ``act`` is what is done to many just
    now, on ``act_group`` as it was if on a group; ``notice`` says why a gesture did nothing.
    """

    now: datetime
    is_read: bool = False
    has_connection: bool = True
    lines: tuple[RunLine, ...] = ()
    known: int = 0
    chips: Mapping[Chip, int] = field(default_factory=dict)
    groups: tuple[FailureGroup, ...] = ()
    has_more_failed: bool = False
    notes: Mapping[str, RunbookNote] = field(default_factory=dict)
    sources: tuple[RunSource, ...] = ()
    workflows: tuple[str, ...] = ()
    filter: Filter = field(default_factory=Filter)
    selected_id: str = ""
    group_id: str = ""
    marked: frozenset[str] = frozenset()
    act: ActState | None = None
    act_group: FailureGroup | None = None
    is_writing: bool = False
    notice: str = ""

    @property
    def selected(self) -> RunLine | None:
        """The chosen run."""
        return next((line for line in self.lines if row_id(line.run) == self.selected_id), None)

    @property
    def group(self) -> FailureGroup | None:
        """The chosen group of failures."""
        return next((group for group in self.groups if group.fingerprint == self.group_id), None)

    @property
    def chosen(self) -> tuple[RunRow, ...]:
        """The runs that an act would be on: what is marked, else the chosen group, else the chosen run."""
        if self.marked:
            rows = {row_id(line.run): line.run for line in self.lines}
            rows |= {row_id(run): run for group in self.groups for run in group.runs}
            return tuple(run for each, run in rows.items() if each in self.marked)
        if self.group is not None:
            return self.group.runs
        return (self.selected.run,) if self.selected is not None else ()

    @property
    def are_paused(self) -> bool:
        """Whether something holds up every run that an act would be on."""
        held = {line.run.ref for line in self.lines if line.pause is not None}
        return bool(self.chosen) and all(run.ref in held for run in self.chosen)

    @property
    def emptiness(self) -> Emptiness | None:
        """Why the list is empty; ``None`` when it is not."""
        if self.lines:
            return None
        if not self.has_connection:
            return Emptiness.NO_CONNECTION
        if not self.is_read or any(source.is_reading and source.read_at is None for source in self.sources):
            return Emptiness.LOADING
        if not self.filter.is_everything and self.known:
            return Emptiness.NO_MATCH
        if self.sources and all(source.error for source in self.sources):
            return Emptiness.NOT_READ
        return Emptiness.NO_RUN if self.filter.is_everything else Emptiness.NO_MATCH

    @property
    def total(self) -> int | None:
        """How many runs there are on all connections, where all of them count."""
        totals = [source.total for source in self.sources]
        return None if any(total is None for total in totals) else sum(total or 0 for total in totals)

    @property
    def has_more(self) -> bool:
        """Whether engines have runs beyond those that were listed."""
        return any(source.has_more for source in self.sources)


def summary(state: RunsState) -> str:
    """How many runs there are, and where, in words."""
    if not state.is_read:
        return ""
    total = state.total
    count = len(state.sources)
    where = tr("on one connection") if count == 1 else tr("on {count} connections", count=count)
    if not state.filter.is_everything:
        of = f"{max(total, state.known):,}" if total is not None else tr("{known:,} or more", known=state.known)
        return tr("{count:,} of {of} {where}", count=len(state.lines), of=of, where=where)
    if total is None:
        return tr("{known:,} or more {where}", known=state.known, where=where)
    if total > state.known:
        return tr("the newest {known:,} of {total:,} {where}", known=state.known, total=total, where=where)
    return f"{total:,} {where}"


def trouble(state: RunsState) -> tuple[str, ...]:
    """What is wrong with each connection that did not list its runs anew, or where nobody does the work."""
    sources = [source for source in state.sources if source.health is not Health.PAUSED]
    return tuple(_trouble(source) for source in sources if source.error or source.missing)


def _trouble(source: RunSource) -> str:
    name = one_line(source.connection)
    if not source.error:
        return tr(
            "{name}: server up, no worker, so no run moves. {missing} {next_action}",
            name=name,
            missing=source.missing,
            next_action=tr(source.next_action),
        ).strip()
    listed = (
        tr("its runs were listed last at {read_at}", read_at=clock(source.read_at))
        if source.read_at
        else tr("not listed")
    )
    return f"{name}: {listed}. {source.error} {tr(source.next_action)}".strip()
