"""The plan in layers: which steps stand side by side, and which edges join them.

A step's layer is one more than the highest layer before it. Invariant: every step given comes out exactly once and the
layers are finite, whatever an engine says: names of unknown steps are left out, and a cycle is cut where it closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.run import Step, StepStatus

REACHED = frozenset({StepStatus.DONE, StepStatus.RUNNING, StepStatus.GATE, StepStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Edge:
    """One step after another, as positions in the steps. ``is_taken`` when the run has come over it."""

    start: int
    end: int
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """Columns of positions in ``steps``, in order, with the edges between them; ``back`` are those that cycles lost."""

    steps: tuple[Step, ...] = ()
    columns: tuple[tuple[int, ...], ...] = ()
    edges: tuple[Edge, ...] = ()
    back: tuple[Edge, ...] = ()


def layers(steps: Sequence[Step]) -> Layers:
    """Put the steps in columns. Of several steps with one name the last is what others come after."""
    positions = {step.step_id: position for position, step in enumerate(steps)}
    before = [
        tuple({positions[name]: None for name in step.after if positions.get(name, position) != position})
        for position, step in enumerate(steps)
    ]
    depth = _depths(before)
    columns: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for position, level in enumerate(depth):
        columns[level].append(position)
    every = [
        Edge(start, end, is_taken=steps[end].status in REACHED) for end, starts in enumerate(before) for start in starts
    ]
    edges = tuple(edge for edge in every if depth[edge.start] < depth[edge.end])
    back = tuple(edge for edge in every if depth[edge.start] >= depth[edge.end])
    return Layers(tuple(steps), tuple(tuple(column) for column in columns), edges, back)


def downstream(plan: Layers, position: int) -> frozenset[int]:
    """All positions that come after this one, over any edge that goes forward."""
    after: dict[int, list[int]] = {}
    for edge in plan.edges:
        after.setdefault(edge.start, []).append(edge.end)
    found: set[int] = set()
    pending = list(after.get(position, ()))
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending.extend(after.get(one, ()))
    return frozenset(found)


def _depths(before: Sequence[tuple[int, ...]]) -> list[int]:
    """The layer of each position, without recursion: a plan may be a chain of thousands."""
    depth: list[int | None] = [None] * len(before)
    for first in range(len(before)):
        pending, under_way = [first], set()
        while pending:
            position = pending[-1]
            if depth[position] is not None:
                pending.pop()
                continue
            under_way.add(position)
            missing = [start for start in before[position] if depth[start] is None and start not in under_way]
            if missing:
                pending.extend(missing)
                continue
            known = [level for start in before[position] if (level := depth[start]) is not None]
            depth[position] = max(known, default=-1) + 1
            pending.pop()
    return [level or 0 for level in depth]


def done_count(steps: Sequence[Step]) -> int:
    """How many steps are done."""
    return sum(step.status is StepStatus.DONE for step in steps)
