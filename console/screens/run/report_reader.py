"""Reads everything of one run for a report, page by page, with progress, until done or told to stop.

Invariant: what an engine cannot show is left out with its reason; what was cut is counted. Raises the errors of the
desk where not even the run itself can be read, and :class:`Stopped`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from console.domain.doing import Doing
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry
from console.domain.stillness import Stillness
from console.screens.run.waiting_reader import WaitingReader
from console.services.views import DecisionView

if TYPE_CHECKING:
    from console.services.desk import Desk

T = TypeVar("T")
PAGE = 200
MOST = 20_000
DECISIONS = 1_000
RECENT = 40
Tell = Callable[[int, int], None]


class Stopped(Exception):
    """Whoever asked for the report wants it no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything of a run at ``at``. ``left_out`` counts older entries, ``lacks`` names what could not be read."""

    run: Run
    at: datetime
    connection: str = ""
    steps: tuple[Step, ...] = ()
    trail: tuple[TrailEntry, ...] = ()
    is_whole: bool = True
    total: int | None = None
    snapshot: Snapshot | None = None
    hand_offs: tuple[HandOff, ...] = ()
    access: tuple[Access, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    waiting: dict[str, datetime] = field(default_factory=dict)
    doing: Doing = Doing.RUNNING
    stillness: Stillness | None = None
    lacks: tuple[tuple[str, str], ...] = ()


async def gather(desk: Desk, ref: RunRef, at: datetime, tell: Tell, *, is_wanted: Callable[[], bool]) -> Gathered:
    """Read it all. ``tell`` hears how many entries of the trail were read, of how many (0: not known)."""
    lacks: list[tuple[str, str]] = []

    async def part(name: str, read: Awaitable[T], otherwise: T) -> T:
        if not is_wanted():
            raise Stopped
        try:
            return await read
        except (Refused, Unreachable, Uncertain, Denied) as error:
            lacks.append((name, error.message))
            return otherwise

    run = await desk.run(ref)
    waiting = WaitingReader(desk)
    await part("what waits", waiting.read(run), None)
    steps: tuple[Step, ...] = await part("the steps", desk.steps(ref), ())
    trail = await part("the trail", _trail(desk, ref, tell, is_wanted), ((), True, 0))
    own = [view for view in await desk.decisions(DECISIONS) if _is_of(view, ref)]
    why = waiting.stillness(run, steps, trail[0][-RECENT:], at)
    return Gathered(
        run=run,
        at=at,
        connection=await _connection(desk, ref),
        steps=steps,
        trail=trail[0],
        is_whole=trail[1],
        total=trail[2] or None,
        snapshot=await part("the state", desk.state(ref), None),
        hand_offs=await part("the hand-offs", desk.hand_offs(ref), ()),
        access=await part("the access", desk.access(ref), ()),
        decisions=tuple(reversed(own)),
        waiting=waiting.since(),
        doing=waiting.doing(run, why),
        stillness=why,
        lacks=tuple(lacks),
    )


async def _trail(
    desk: Desk, ref: RunRef, tell: Tell, is_wanted: Callable[[], bool]
) -> tuple[tuple[TrailEntry, ...], bool, int]:
    """The entries oldest first, whether they are all, and how many there are."""
    found: list[TrailEntry] = []
    known: set[str] = set()
    older, total = "", 0
    while True:
        if not is_wanted():
            raise Stopped
        page = await desk.trail(ref, older=older, limit=PAGE)
        found += [entry for entry in page.entries if entry.entry_id not in known]
        known.update(entry.entry_id for entry in page.entries)
        older, total = page.older, page.total or total
        tell(len(found), total)
        if not older or len(found) >= MOST:
            return tuple(reversed(found[:MOST])), not older, max(total, len(found))


async def _connection(desk: Desk, ref: RunRef) -> str:
    views = await desk.connections()
    return next((one.config.name for one in views if one.server and one.server.identity == ref.server), "")


def _is_of(view: DecisionView, ref: RunRef) -> bool:
    run = view.decision.key.run
    return run == ref or (not ref.chain_id and (run.server, run.run_id) == (ref.server, ref.run_id))
