"""Which runs are shown, in which order: filters, words, and the questions that engines are asked for them.

Pure. Invariant: the order of runs that nothing happened to does not change from one reading to the next: what runs is
in the order in which it was started, however often it moves; falling due is something that happens to a run.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from console.domain.doing import Doing, doing_of
from console.domain.fingerprint import failure_of
from console.domain.listing import MAX_RUNS, RunQuery, RunRow
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.services.views import RunLine

FIRST_PAGE = 200
LONGEST_TEXT = 200


class Chip(enum.StrEnum):
    """The filters that are one press away, by what a run is doing."""

    WAITS = "waits"
    STUCK = "stuck"
    FAILED = "failed"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


STATUSES = {
    Chip.WAITS: frozenset({RunStatus.WAITS}),
    Chip.STUCK: frozenset({RunStatus.STUCK}),
    Chip.RUNNING: frozenset({RunStatus.RUNNING}),
    Chip.PAUSED: frozenset({RunStatus.PAUSED}),
    Chip.OVER: frozenset({RunStatus.COMPLETED, RunStatus.CANCELLED}),
}
NAMED = {
    **{str(status): frozenset({status}) for status in RunStatus},
    "waiting": frozenset({RunStatus.WAITS}),
    "canceled": frozenset({RunStatus.CANCELLED}),
    "done": frozenset({RunStatus.COMPLETED}),
    "open": frozenset({RunStatus.RUNNING, RunStatus.WAITS, RunStatus.STUCK, RunStatus.PAUSED}),
}
OF: dict[Doing, Chip] = {
    Doing.WAITS: Chip.WAITS,
    Doing.HELD_UP: Chip.WAITS,
    Doing.STUCK: Chip.STUCK,
    Doing.STEP_FAILED: Chip.FAILED,
    Doing.FAILED: Chip.FAILED,
    Doing.RUNNING: Chip.RUNNING,
    Doing.PAUSED: Chip.PAUSED,
    Doing.COMPLETED: Chip.OVER,
    Doing.CANCELLED: Chip.OVER,
}
PRESSING = 0
RANK = {Chip.FAILED: 1, Chip.STUCK: 2, Chip.WAITS: 3, Chip.PAUSED: 4, Chip.RUNNING: 5, Chip.OVER: 6}
NEVER = float("inf")


class Order(enum.StrEnum):
    """How runs are ordered."""

    URGENT = "Most urgent"
    NEWEST = "Newest"
    STARTED = "Started last"
    LONGEST = "Longest"
    WORKFLOW = "Workflow"
    KEY = "Business key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a person asked for; what is empty lets every run through."""

    text: str = ""
    chips: frozenset[Chip] = frozenset()
    workflow: str = ""
    connection_id: str = ""
    order: Order = Order.URGENT

    @property
    def is_everything(self) -> bool:
        """Whether every run is let through."""
        return replace(self, order=Order.URGENT) == Filter()


EVERYTHING = RunQuery(limit=FIRST_PAGE)
FAILED = RunQuery(is_failed=True, limit=MAX_RUNS)


def questions(asked: Filter) -> tuple[RunQuery, ...]:
    """What engines are asked: the newest runs and all that failed always, and what is filtered by, over all runs."""
    found = [EVERYTHING, FAILED]
    statuses = frozenset[RunStatus]().union(*(STATUSES.get(chip, frozenset()) for chip in asked.chips))
    if (statuses and Chip.FAILED not in asked.chips) or asked.workflow:
        found.append(RunQuery(statuses=statuses, workflow=asked.workflow, limit=FIRST_PAGE))
    # Engines compare business keys to the letter, so as it was typed.
    key = " ".join(word for word in asked.text[:LONGEST_TEXT].split() if ":" not in word.strip(":"))
    if len(key) > 1:
        found.append(RunQuery(key=key, limit=FIRST_PAGE))
    for field, value in _fields(asked.text):
        if field not in {"status", "workflow", "connection"} and value:
            found.append(RunQuery(key=f"{field} {value}", limit=FIRST_PAGE))
    return tuple(dict.fromkeys(found))


def wanted(lines: Iterable[RunLine], asked: Filter, now: datetime) -> tuple[RunLine, ...]:
    """The lines that a filter lets through, in its order."""
    fields, words = _parts(asked.text)
    found = [line for line in lines if _passes(line, asked) and _says(line, fields, words)]
    return tuple(sorted(found, key=partial(_ORDERS[asked.order], now=now)))


def counts(lines: Iterable[RunLine], asked: Filter) -> dict[Chip, int]:
    """How many runs each chip would leave of those that the rest of the filter lets through; each counts once."""
    fields, words = _parts(asked.text)
    anything = replace(asked, chips=frozenset())
    of = (chip_of(line.run) for line in lines if _passes(line, anything) and _says(line, fields, words))
    return dict.fromkeys(Chip, 0) | Counter(of)


def chip_of(run: RunRow) -> Chip:
    """The one chip that a run is under."""
    return OF[doing_of(run)]


def _passes(line: RunLine, asked: Filter) -> bool:
    return (
        (not asked.chips or chip_of(line.run) in asked.chips)
        and (not asked.workflow or line.run.workflow == asked.workflow)
        and (not asked.connection_id or line.connection_id == asked.connection_id)
    )


def _parts(text: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    words = tuple(word for word in text[:LONGEST_TEXT].casefold().split() if ":" not in word.strip(":"))
    return _fields(text), words


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    found = (word.partition(":") for word in text[:LONGEST_TEXT].casefold().split() if ":" in word.strip(":"))
    return tuple((field, value) for field, _, value in found)


def _says(line: RunLine, fields: Sequence[tuple[str, str]], words: Sequence[str]) -> bool:
    run = line.run
    known = failure_of(run)
    said = "\n".join(
        (
            run.title,
            run.workflow,
            run.business_key,
            run.ref.run_id,
            line.connection,
            run.why,
            known.headline if known is not None else "",
            *(f"{waits.title}\n{waits.agent}\n{waits.failure}\n{waits.key.item_id}" for waits in run.waiting),
        )
    ).casefold()
    return all(word in said for word in words) and all(_has(line, field, value) for field, value in fields)


def _has(line: RunLine, field: str, value: str) -> bool:
    run = line.run
    if field == "status":
        return run.status in NAMED.get(value, ()) or (value == "failed" and run.is_failed)
    if field == "workflow":
        return value in run.workflow.casefold()
    if field == "connection":
        return value in line.connection.casefold()
    # Any other field is a part of a business key: “order:4711” finds “order 4711”.
    key = run.business_key.casefold()
    return field in key and value in key


Place = tuple[float | str, ...]


def _urgent(line: RunLine, *, now: datetime) -> Place:
    """What a person has missed or must not miss, then what failed and is stuck, then what waits, by its deadline."""
    run = line.run
    chip = chip_of(run)
    due = min((each.due_at.timestamp() for each in run.waiting if each.due_at is not None), default=NEVER)
    risk = max((each.risk for each in run.waiting), default=Risk.LOW)
    if run.closed_at is None and run.waiting and (due <= now.timestamp() or risk is Risk.CRITICAL):
        return PRESSING, -int(risk), due, run.ref.run_id
    by = due if chip is Chip.WAITS else -_moment(run)
    return RANK[chip], by, -int(risk), -_moment(run), run.ref.run_id


def _newest(line: RunLine, *, now: datetime) -> Place:
    del now
    return -_moment(line.run), line.run.ref.run_id


def _started(line: RunLine, *, now: datetime) -> Place:
    return -_at(line.run.started_at or now), line.run.ref.run_id


def _longest(line: RunLine, *, now: datetime) -> Place:
    run = line.run
    end = run.closed_at or now
    return _at(run.started_at or end) - _at(end), run.ref.run_id


def _by_workflow(line: RunLine, *, now: datetime) -> Place:
    return line.run.workflow.casefold(), *_urgent(line, now=now)


def _by_key(line: RunLine, *, now: datetime) -> Place:
    del now
    return line.run.business_key.casefold(), line.run.ref.run_id


def _at(moment: datetime) -> float:
    return moment.timestamp()


def _moment(run: RunRow) -> float:
    """What of a run orders it: what runs moves all the time, so when it was started."""
    at = run.started_at if run.status is RunStatus.RUNNING else run.moved_at
    return at.timestamp() if at is not None else 0.0


_ORDERS = {
    Order.URGENT: _urgent,
    Order.NEWEST: _newest,
    Order.STARTED: _started,
    Order.LONGEST: _longest,
    Order.WORKFLOW: _by_workflow,
    Order.KEY: _by_key,
}
