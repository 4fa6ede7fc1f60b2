"""The trail of a thread: its messages and tool calls as the snapshots took them up, with errors, forks and decisions.

Told from the snapshots and the runs, oldest first, and handed out newest first. Invariant: an entry's id is its time
and its place, so that ids order the trail and a page knows how to ask for the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from console.domain.canonical import Json
from console.domain.run import RunRef, TrailEntry, TrailKind, TrailPage
from console.engines import items
from console.engines.langgraph import landed, threads, waits
from console.engines.langgraph.history import History, Point, history
from console.engines.langgraph.landed import Attempt
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.schemas import parts

_K = TrailKind
MOST_TEXT = 20_000
MOST_RUNS = 100
BY_ROLE = {"human": (_K.PROMPT, "A person wrote"), "system": (_K.PROMPT, "Instructions"), "ai": (_K.RESPONSE, "Answer")}
TURNED_BACK = "Went back to an earlier snapshot, and on from there"
EDITED = "The state was edited"
LATE = "9" * 17


async def page(line: Line, ref: RunRef, older: str, limit: int) -> TrailPage:
    """Up to ``limit`` entries before the one named ``older``, newest first."""
    told = await history(line, ref)
    runs = threads.items_of(await line.get(threads.path(ref.run_id, "runs"), limit=MOST_RUNS, select=landed.FIELDS))
    entries = sorted(_entries(told, [landed.attempt(threads.node(raw)) for raw in runs]), key=lambda one: one.entry_id)
    left = [one for one in reversed(entries) if not older or one.entry_id < older]
    found = tuple(left[:limit])
    return TrailPage(found, found[-1].entry_id if len(left) > limit else "", len(entries) if told.is_whole else None)


def _entries(told: History, runs: Sequence[Attempt]) -> Iterator[TrailEntry]:
    by_id = {point.point_id: point for point in told.points}
    for point in reversed(told.points):
        before = by_id.get(point.parent_id)
        for place, entry in enumerate(_of_point(point, before)):
            yield _named(entry, point.at, point.point_id, place)
    for run in runs:
        for place, entry in enumerate(_of_run(run)):
            yield _named(entry, run.created_at, run.run_id, place)


def _named(entry: TrailEntry, at: datetime | None, source: str, place: int) -> TrailEntry:
    stamp = f"{threads.micros(at):017d}" if at is not None else LATE
    return TrailEntry(
        entry_id=f"{stamp}-{source}-{place:04d}",
        at=at,
        kind=entry.kind,
        title=entry.title,
        text=entry.text,
        step=entry.step,
        agent=entry.agent,
        data=entry.data,
        tokens=entry.tokens,
        is_failed=entry.is_failed,
    )


def _of_point(point: Point, before: Point | None) -> Iterator[TrailEntry]:
    """What a snapshot adds to the one before it, then what went wrong or waits there."""
    step = _steps(before)
    if point.source == "fork":
        yield _entry(_K.NOTE, TURNED_BACK)
    if point.source == "update":
        yield _entry(_K.STATE_CHANGE, EDITED, step=step)
    known = {_message_id(raw) for raw in _messages(before)} if before is not None else set()
    for message in _messages(point):
        if _message_id(message) not in known:
            yield from _of_message(message, step)
    changed = _changed(point, before)
    if changed and point.source != "fork":
        yield _entry(_K.STATE_CHANGE, f"State: {', '.join(changed)}", step=step, data=changed)
    yield from _of_tasks(point)


def _of_tasks(point: Point) -> Iterator[TrailEntry]:
    """What is asked at a snapshot, and what went wrong there."""
    for raw in threads.items_of(point.raw.get("tasks")):
        task = threads.node(raw)
        name = threads.word(task.get("name"))
        for interrupt in threads.items_of(task.get("interrupts")):
            value = threads.node(interrupt).get("value")
            if not items.oversize(interrupt):
                for part in parts(value, threads.node(interrupt).get("response_schema")):
                    yield _entry(_K.ESCALATION, part.title, part.question, step=name)
        if error := task.get("error"):
            words = threads.error_words(error)
            yield _entry(_K.FAILED_ATTEMPT, words.partition("\n")[0][:200], words, step=name, is_failed=True)


def _of_message(raw: Node, step: str) -> Iterator[TrailEntry]:
    role, text = threads.word(raw.get("type")), _text(raw.get("content"))
    usage = threads.node(raw.get("usage_metadata")).get("total_tokens")
    tokens = usage if isinstance(usage, int) else 0
    if role == "tool":
        name = threads.word(raw.get("name")) or "tool"
        is_failed = raw.get("status") == "error"
        yield _entry(_K.EFFECT, f"{name} returned", text, step=step, is_failed=is_failed)
        return
    kind, title = BY_ROLE.get(role, (_K.NOTE, role or "Message"))
    if text:
        yield _entry(kind, title, text, step=step, tokens=tokens)
    for call in threads.items_of(raw.get("tool_calls")):
        told = threads.node(call)
        arguments = threads.node(told.get("args"))
        yield _entry(_K.TOOL_CALL, threads.word(told.get("name")) or "tool", step=step, data=arguments)


def _of_run(run: Attempt) -> Iterator[TrailEntry]:
    for one in run.decisions:
        yield _entry(_K.DECISION, f"{one.by.name}: {one.verdict}", one.reason, data={"decision": one.decision_id})
    if run.status not in {landed.WELL, *landed.UNDER_WAY} and not run.decisions:
        yield _entry(_K.NOTE, f"An attempt ended: {run.status}", is_failed=True)


def _entry(
    kind: TrailKind,
    title: str,
    text: str = "",
    *,
    step: str = "",
    data: Node | None = None,
    tokens: int = 0,
    is_failed: bool = False,
) -> TrailEntry:
    kept: dict[str, Json] = {}
    if data and not items.oversize(data):
        kept = {str(name): value for name, value in data.items()}  # type: ignore[misc]  # it came as JSON
    return TrailEntry(
        entry_id="", at=None, kind=kind, title=title[: items.MAX_WORDS], text=text[:MOST_TEXT], step=step, data=kept,
        tokens=tokens, is_failed=is_failed,
    )  # fmt: skip


def _messages(point: Point | None) -> list[Node]:
    found = threads.items_of(point.values.get("messages")) if point is not None else ()
    return [raw for raw in found if isinstance(raw, Mapping)]


def _message_id(raw: Node) -> str:
    return threads.word(raw.get("id")) or f"{raw.get('type')}:{str(raw.get('content'))[:100]}"


def _changed(point: Point, before: Point | None) -> dict[str, object]:
    was = before.values if before is not None else {}
    return {name: value for name, value in point.values.items() if name != "messages" and was.get(name) != value}


def _steps(point: Point | None) -> str:
    if point is None:
        return ""
    _, steps = waits.state_tasks(point.raw)
    return next((name for name in steps.values() if not name.startswith("__")), "")


def _text(content: object) -> str:
    """The text of a message, whose content may be in blocks."""
    if isinstance(content, str):
        return content[:MOST_TEXT]
    told = (
        threads.node(block).get("text") if isinstance(block, Mapping) else block for block in threads.items_of(content)
    )
    return "\n".join(text for text in told if isinstance(text, str))[:MOST_TEXT]
