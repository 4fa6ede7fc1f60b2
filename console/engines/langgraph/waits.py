"""What waits in a thread, as rows and items: interrupts by their parts, a failure, a stop that nobody asked at.

Everything goes through :mod:`console.engines.items`, so that one bad interrupt never hides another and nothing raises.
Invariants: what is offered is what the interrupt allows; the native id is the interrupt's own, with the number of the
part where it has several; an item's digest binds it to its task, and so to the checkpoint that it waits at.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain.escalation import Escalation, EscalationKey, Kind, Target, TargetKind, Verdict, Waiting
from console.domain.risk import Risk
from console.engines import items
from console.engines.langgraph import notes, schemas, threads
from console.engines.langgraph.line import Node
from console.engines.langgraph.schemas import Form, Part
from console.engines.langgraph.threads import Thread

FAILED = "failed"
STOPPED = "stopped"
WAITING = "interrupted"
ERROR = "error"
MOST_INTERRUPTS = 100
MOST_ID = 100
DIGITS = 12
MOST_RAW = 8_000
ON_FAILURE = (Verdict.RETRY, Verdict.REROUTE, Verdict.CANCEL)
RISK_UNSTATED = "Nothing there states its risk, so it counts as high."
TOGETHER = "It is one of {count} actions of one interrupt: they are sent together, once each of them is decided."
KEPT = "{person} decided action {place} ({verdict}); it is sent with the others."
POISONED = (
    "The answer that it was given does not fit what it asked for, or what followed failed. The server keeps that"
    " answer, and every later one runs into the same error. Retry goes back to the snapshot before the question, takes"
    " that step again, and asks anew."
)
STOP_TITLE = "Stopped before “{step}”, and nothing is asked"
STOP_WORDS = "The run stopped before “{step}” without a question: a breakpoint, or somebody cancelled or edited it."


@dataclass(frozen=True, slots=True)
class Wait:
    """A part of an interrupt where it stands: its task, and the step of that where the state tells it."""

    thread: Thread
    task_id: str
    interrupt_id: str
    part: Part
    problem: str = ""
    raw: object = None
    step: str = ""

    @property
    def native_id(self) -> str:
        """Its name within the thread."""
        return self.interrupt_id if self.part.count == 1 else f"{self.interrupt_id}.{self.part.place + 1}"

    @property
    def occurrence(self) -> int:
        """Which opening of it this is.

        The middleware asks about a call in a task of its own, once, while others are answered beside it; whatever else
        asks may ask again under the same id once it was answered, and then its thread has moved.
        """
        if self.part.form is Form.PER_CALL:
            return int(hashlib.sha256(self.task_id.encode()).hexdigest()[:DIGITS], 16)
        return self.thread.moment

    def key(self, server: str) -> EscalationKey:
        """What it is called for ever."""
        return EscalationKey(self.thread.ref(server), self.native_id, self.occurrence)


def rows(thread: Thread, server: str) -> tuple[Waiting, ...]:
    """What waits in a thread as a list tells of it."""
    ref = thread.ref(server)
    found = [
        items.row(_row(wait, server), ref, position=place, opened_at=thread.moved_at)
        for place, wait in enumerate(waits(thread, thread.interrupts))
        if not is_kept(wait)
    ]
    if thread.status == ERROR:
        found.append(items.row(_failure_row(thread, server), ref, opened_at=thread.moved_at))
    elif thread.status == WAITING and not thread.interrupts:
        found.append(items.row(_stop_row(thread, server), ref, opened_at=thread.moved_at))
    return tuple(found)


def waits(
    thread: Thread, by_task: Mapping[str, Sequence[object]], steps: Mapping[str, str] | None = None
) -> list[Wait]:
    """Every part of every interrupt of a thread that waits; ``steps`` names the tasks' steps."""
    if thread.status != WAITING:
        return []
    told = [(task_id, interrupt) for task_id, found in by_task.items() for interrupt in found][:MOST_INTERRUPTS]
    return [
        dataclasses.replace(wait, step=(steps or {}).get(task_id, ""))
        for place, (task_id, interrupt) in enumerate(told)
        for wait in _waits(thread, task_id, interrupt, place)
    ]


def _waits(thread: Thread, task_id: str, interrupt: object, place: int) -> Iterator[Wait]:
    told = threads.node(interrupt)
    interrupt_id = told.get("id", told.get("interrupt_id"))
    value = told.get("value")
    problem = items.oversize(interrupt)
    if not isinstance(interrupt_id, str) or not interrupt_id.isalnum() or len(interrupt_id) > MOST_ID:
        problem = problem or "It has no id, so that an answer could go astray."
        interrupt_id = f"unreadable-{place}"
    if problem:
        part = Part(form=Form.FREE, title=items.UNREADABLE_TITLE, verdicts=(), question=raw_form(value))
        yield Wait(thread, task_id, interrupt_id, part, problem, value)
        return
    for part in schemas.parts(value, told.get("response_schema")):
        yield Wait(thread, task_id, interrupt_id, part, part.problem, value)


def is_kept(wait: Wait) -> bool:
    """Whether a part is decided, and only waits for the others."""
    return wait.part.count > 1 and any(
        one.key.native_id == wait.native_id for one in notes.parts_of(wait.thread, wait.interrupt_id)
    )


def item(wait: Wait, server: str, targets: tuple[Target, ...] = ()) -> Escalation:
    """A part in full."""
    thread, part = wait.thread, wait.part
    key = wait.key(server)
    raw: dict[str, Any] = {
        "row": _row(wait, server),
        "opened_in": wait.task_id,
        "step": wait.step,
        "owner": "",
        "verdicts": part.verdicts,
        "question": part.question,
        "schema": part.answers,
        "caveats": _caveats(wait),
        "targets": targets,
        "comments": notes.comments_on(thread, key),
        "gate": wait.step,
    }
    if part.tool:
        raw["proposal"] = {
            "tool": part.tool,
            "arguments": part.arguments,
            "resource": "",
            "summary": part.summary,
            "schema": part.edits,
        }
    return items.escalation(raw, thread.ref(server), opened_at=thread.moved_at)


def failure(thread: Thread, server: str, step: str, words: str, targets: tuple[Target, ...]) -> Escalation:
    """A run that failed, in full."""
    return _plain(thread, _failure_row(thread, server, words), step, ON_FAILURE, targets, failure=words)


def stop(thread: Thread, server: str, step: str, targets: tuple[Target, ...]) -> Escalation:
    """A run that stopped and asks nothing, in full."""
    words = STOP_WORDS.format(step=step or "its next step")
    return _plain(thread, _stop_row(thread, server, step), step, ON_FAILURE, targets, failure=words)


def raw_form(value: object) -> str:
    """A value as it came, as far as it can be shown."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)[:MOST_RAW]
    except (ValueError, TypeError, RecursionError):
        return repr(value)[:MOST_RAW]


def nodes(graph: object) -> tuple[str, ...]:
    """The nodes of a graph that work can go to, in its own order."""
    told = threads.items_of(threads.node(graph).get("nodes"))
    names = [str(each.get("id")) for each in told if isinstance(each, Mapping)]
    return tuple(name for name in names if name not in {"__start__", "__end__", "None"} and name.isprintable())


def targets_of(graph: object) -> tuple[Target, ...]:
    """Where a run can be sent to."""
    return tuple(Target(TargetKind.STEP, name, name) for name in nodes(graph))


def _row(wait: Wait, server: str) -> dict[str, Any]:
    thread, part = wait.thread, wait.part
    key = wait.key(server)
    many = f" ({part.place + 1} of {part.count})" if part.count > 1 else ""
    kind = Kind.CHECKPOINT if part.tool else Kind.QUESTION
    # The problem comes from reading it as a convention; whatever is wrong with the item itself goes before.
    return _common(thread, key, kind, f"{part.title}{many}", wait.problem)


def _failure_row(thread: Thread, server: str, words: str = "") -> dict[str, Any]:
    key = EscalationKey(thread.ref(server), FAILED, thread.moment)
    first = (words or thread.error).partition("\n")[0]
    title = f"Failed: {first}" if first else "The run failed"
    return _common(thread, key, Kind.FAILURE, title) | {"failure": first or "The run failed."}


def _stop_row(thread: Thread, server: str, step: str = "") -> dict[str, Any]:
    key = EscalationKey(thread.ref(server), STOPPED, thread.moment)
    title = STOP_TITLE.format(step=step or "its next step")
    return _common(thread, key, Kind.STUCK, title) | {"failure": "It stopped, and nothing is asked."}


def _common(thread: Thread, key: EscalationKey, kind: Kind, title: str, problem: str = "") -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "title": title,
        "workflow": thread.graph,
        "agent": "",
        "risk": thread.risk or Risk.HIGH,
        "opened_at": thread.moved_at,
        "claim": notes.claim_on(thread, key),
        "problem": problem,
    }


def _plain(
    thread: Thread,
    row: dict[str, Any],
    step: str,
    verdicts: tuple[Verdict, ...],
    targets: tuple[Target, ...],
    *,
    failure: str,
) -> Escalation:
    offered = tuple(verdict for verdict in verdicts if verdict is not Verdict.REROUTE or targets)
    raw = {
        "row": row,
        "opened_in": thread.thread_id,
        "step": step,
        "owner": "",
        "verdicts": offered,
        "failure": failure,
        "caveats": () if thread.risk else (RISK_UNSTATED,),
        "targets": targets,
        "comments": notes.comments_on(thread, row["key"]),
        "gate": step,
    }
    return items.escalation(raw, thread.ref(row["key"].run.server), opened_at=thread.moved_at)


def _caveats(wait: Wait) -> tuple[str, ...]:
    said = [] if wait.thread.risk else [RISK_UNSTATED]
    if wait.part.count > 1:
        said.append(TOGETHER.format(count=wait.part.count))
        said.extend(_kept_words(one.key.native_id, one.by.name, str(one.verdict)) for one in _kept(wait))
    return tuple(said)


def _kept(wait: Wait) -> list[Any]:
    return list(notes.parts_of(wait.thread, wait.interrupt_id))


def _kept_words(native_id: str, person: str, verdict: str) -> str:
    return KEPT.format(person=person, place=native_id.rpartition(".")[2], verdict=verdict)


def state_tasks(state: Node) -> tuple[dict[str, Sequence[object]], dict[str, str]]:
    """The interrupts by task and the steps by task of a state; the state knows best what waits."""
    interrupts: dict[str, Sequence[object]] = {}
    steps: dict[str, str] = {}
    for raw in threads.items_of(state.get("tasks")):
        task = threads.node(raw)
        task_id = threads.word(task.get("id"))
        steps[task_id] = threads.word(task.get("name"))
        if found := threads.items_of(task.get("interrupts")):
            interrupts[task_id] = found
    return interrupts, steps


def is_poisoned(state: Node) -> bool:
    """Whether a step failed that had asked, so that its answer is kept and would be replayed."""
    tasks = (threads.node(raw) for raw in threads.items_of(state.get("tasks")))
    return any(task.get("error") and threads.items_of(task.get("interrupts")) for task in tasks)


def error_in(state: Node) -> str:
    """The first error of a state's tasks."""
    told = (threads.node(raw).get("error") for raw in threads.items_of(state.get("tasks")))
    return next((threads.error_words(error) for error in told if error), "")


def next_step(state: Node) -> str:
    """The step that a state is about to take."""
    return next((threads.word(name) for name in threads.items_of(state.get("next"))), "")
