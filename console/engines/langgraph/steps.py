"""The graph of a run as steps, and which of them were taken: nodes and edges of the assistant, attempts of snapshots.

A graph may go round, steps may not: an edge that leads back is left out, so that the steps are in a topological order.
Where a node sends work on by itself, the graph names no edge, and its target stands without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from console.domain.run import RunRef, Step, StepStatus
from console.engines.langgraph import reading, threads, waits
from console.engines.langgraph.history import Point, history
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.threads import Thread

MOST_NODES = 500


async def steps(line: Line, ref: RunRef) -> tuple[Step, ...]:
    """The steps of a run, those to come included."""
    thread, state = await reading.thread_and_state(line, ref.run_id)
    graph = await line.graph(thread.assistant_id)
    told = await history(line, ref)
    taken: dict[str, list[datetime | None]] = {}
    for point, following in zip(told.branch, [*told.branch[1:], None], strict=True):
        for name in _done_at(point, following):
            taken.setdefault(name, []).append(point.at)
    names = list(dict.fromkeys((*waits.nodes(graph), *taken)))[:MOST_NODES]
    now = _now(thread, state)
    after = _after(graph, names)
    return tuple(_step(name, taken.get(name, []), now, tuple(after[name])) for name in _ordered(names, after))


def _done_at(point: Point, following: Point | None) -> list[str]:
    """The steps that were taken from one snapshot to the next."""
    if following is None:
        return []
    _, names = waits.state_tasks(point.raw)
    return [name for name in names.values() if name and not name.startswith("__")]


def _now(thread: Thread, state: Node) -> dict[str, tuple[StepStatus, str]]:
    """What the steps are at that are not done."""
    found: dict[str, tuple[StepStatus, str]] = {}
    for raw in threads.items_of(state.get("tasks")):
        task = threads.node(raw)
        status = StepStatus.RUNNING if thread.status == "busy" else StepStatus.TO_DO
        if threads.items_of(task.get("interrupts")) and thread.status == waits.WAITING:
            status = StepStatus.GATE
        if task.get("error"):
            status = StepStatus.FAILED
        found[threads.word(task.get("name"))] = (status, threads.error_words(task.get("error"))[:300])
    return found


def _step(
    name: str, taken: list[datetime | None], now: Mapping[str, tuple[StepStatus, str]], after: tuple[str, ...]
) -> Step:
    status, message = now.get(name, (StepStatus.DONE if taken else StepStatus.TO_DO, ""))
    is_at_work = name in now and status in {StepStatus.RUNNING, StepStatus.GATE, StepStatus.FAILED}
    return Step(
        step_id=name,
        title=name,
        status=status,
        occurrence=max(1, len(taken) + (1 if is_at_work and taken else 0)),
        attempts=len(taken) + (1 if is_at_work else 0),
        after=after,
        has_gate=status is StepStatus.GATE,
        started_at=taken[0] if taken else None,
        message=message,
    )


def _after(graph: object, names: list[str]) -> dict[str, list[str]]:
    """The steps before each step, without those by which a graph goes round."""
    edges = [threads.node(raw) for raw in threads.items_of(threads.node(graph).get("edges"))]
    begins = [threads.word(edge.get("target")) for edge in edges if edge.get("source") == "__start__"]
    known = set(names)
    onward: dict[str, list[str]] = {name: [] for name in names}
    for edge in edges:
        source, target = threads.word(edge.get("source")), threads.word(edge.get("target"))
        if source in known and target in known and source != target:
            onward[source].append(target)
    after: dict[str, list[str]] = {name: [] for name in names}
    seen: set[str] = set()
    for start in [*(name for name in begins if name in known), *names]:
        _walk(start, onward, after, seen)
    return after


def _walk(start: str, onward: Mapping[str, list[str]], after: dict[str, list[str]], seen: set[str]) -> None:
    """Follow the edges from a step depth first; one that leads to a step still open leads back."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(onward[start]))]
    is_open = {start}
    while path:
        name, rest = path[-1]
        target = next(rest, None)
        if target is None:
            path.pop()
            is_open.discard(name)
        elif target not in is_open:
            if name not in after[target]:
                after[target].append(name)
            if target not in seen:
                seen.add(target)
                is_open.add(target)
                path.append((target, iter(onward[target])))


def _ordered(names: list[str], after: Mapping[str, list[str]]) -> list[str]:
    """The steps, each behind those before it."""
    left, placed = list(names), []
    known: set[str] = set()
    while left:
        ready = [name for name in left if known.issuperset(after[name])] or left[:1]
        placed.extend(ready)
        known.update(ready)
        left = [name for name in left if name not in known]
    return placed
