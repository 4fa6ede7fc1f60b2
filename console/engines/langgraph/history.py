"""The snapshots of a thread: the branch that it is on, as a chain of revisions, and the forks that it left.

A snapshot is what LangGraph calls a checkpoint. Its revision is its place in the branch, from 1; going back to an
earlier one and on from there makes a fork, and what it left is told in the trail. At most :data:`MOST` are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json
from console.domain.errors import RefusalCode, Refused
from console.domain.run import Fact, RunRef, Snapshot, Standing
from console.engines import items
from console.engines.langgraph import threads
from console.engines.langgraph.line import Line, Node

PAGE = 100
MOST = 1_000
MOST_FACTS = 500
TOO_LARGE = "It is too large to be shown."


@dataclass(frozen=True, slots=True)
class Point:
    """One snapshot as read. ``by_step`` is what made it."""

    point_id: str
    parent_id: str
    at: datetime | None
    source: str
    values: Node
    raw: Node


@dataclass(frozen=True, slots=True)
class History:
    """All snapshots, newest first; ``branch`` is the chain that the thread is on, oldest first."""

    points: tuple[Point, ...]
    branch: tuple[Point, ...]
    is_whole: bool

    @property
    def revision(self) -> int:
        """The newest revision of the branch; 0 where there is none."""
        return len(self.branch)


async def history(line: Line, ref: RunRef) -> History:
    """The snapshots of a run."""
    points: list[Point] = []
    before = ""
    while len(points) < MOST:
        # Any other shape of "before" makes the server break the connection off.
        at = {"before": {"configurable": {"checkpoint_id": before}}} if before else {}
        told = threads.items_of(await line.ask(threads.path(ref.run_id, "history"), {"limit": PAGE, **at}))
        read = [_point(threads.node(raw)) for raw in told]
        points.extend(point for point in read if point.point_id)
        if len(told) < PAGE or not points:
            return History(tuple(points), _branch(points), is_whole=True)
        before = points[-1].point_id
    return History(tuple(points), _branch(points), is_whole=False)


def snapshot(told: History, revision: int | None) -> Snapshot:
    """The state at a revision, or now. Raises :class:`Refused` where there is no such revision."""
    number = told.revision if revision is None else revision
    if number == 0 and revision is None:
        return Snapshot(0, None, ())
    if not 1 <= number <= told.revision:
        raise Refused(f"There is no revision {number} of this run.", code=RefusalCode.UNKNOWN)
    point = told.branch[number - 1]
    facts = []
    for name, value in list(point.values.items())[:MOST_FACTS]:
        set_at = _set_at(told, number, name)
        by_step = _made_by(told.branch[set_at - 2]) if set_at > 1 else ""
        shown: Json = TOO_LARGE if items.oversize(value) else value  # type: ignore[assignment]  # it came as JSON
        facts.append(Fact(str(name), shown, Standing.KNOWN, by_step, set_at))
    return Snapshot(number, point.at, tuple(facts))


def _set_at(told: History, number: int, name: str) -> int:
    """The revision at which a value became what it is."""
    value = told.branch[number - 1].values.get(name)
    while number > 1 and told.branch[number - 2].values.get(name) == value:
        number -= 1
    return number


def _made_by(before: Point) -> str:
    """The steps that were taken at a snapshot, and made the next."""
    names = (threads.word(threads.node(raw).get("name")) for raw in threads.items_of(before.raw.get("tasks")))
    return ", ".join(dict.fromkeys(name for name in names if name and not name.startswith("__")))


def _branch(points: list[Point]) -> tuple[Point, ...]:
    """The chain from the newest snapshot back to where it begins, or to where reading ended."""
    by_id = {point.point_id: point for point in points}
    chain: list[Point] = []
    point = points[0] if points else None
    while point is not None and len(chain) <= len(points):
        chain.append(point)
        point = by_id.get(point.parent_id)
    return tuple(reversed(chain))


def _point(raw: Node) -> Point:
    parent = threads.node(raw.get("parent_checkpoint"))
    metadata = threads.node(raw.get("metadata"))
    return Point(
        point_id=_id(threads.node(raw.get("checkpoint")).get("checkpoint_id") or raw.get("checkpoint_id")),
        parent_id=_id(parent.get("checkpoint_id")),
        at=threads.instant(raw.get("created_at")),
        source=threads.word(metadata.get("source")),
        values=threads.node(raw.get("values")),
        raw=raw,
    )


def _id(raw: object) -> str:
    found = threads.word(raw)
    return found if threads.THREAD_ID.fullmatch(found) else ""
