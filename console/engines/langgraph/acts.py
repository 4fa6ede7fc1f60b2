"""What is done to a run other than answering it: retry, ask again, go on elsewhere, cancel.

A retry is one run. To cancel, or to go on elsewhere, takes a change of the state that carries nothing of a decision, so
the decision is kept in the thread's metadata first; it is not atomic, and whoever reads it back sees how far it came.

A thread is poisoned when an answer that a node cannot read is kept with its checkpoint: each run replays it and fails.
Then a retry begins at the snapshot before, so that the question is asked anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused, Uncertain
from console.domain.escalation import Escalation, EscalationKey, Kind, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.engines import items
from console.engines.langgraph import landed, notes, reading, threads, waits
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.reading import Found
from console.engines.langgraph.threads import Thread

Send = Callable[[Line, Decision, Thread, dict[str, Json]], Awaitable[Receipt]]

CANCEL = "@cancel"
BUSY = "busy"
IDLE = "idle"
END: dict[str, Json] = {"values": None, "as_node": "__end__"}
CANCEL_TITLE = "Cancel the run"
CANCEL_WORDS = "What goes on now is stopped, and what waits is not asked any more. What was done stays done."
OVER = "The run is over."


async def act(line: Line, decision: Decision, found: Found, send: Send) -> Receipt:
    """Carry out a verdict on a failure or a stop; ``send`` begins the run that carries it."""
    if decision.verdict is Verdict.RETRY:
        return await send(line, decision, found.thread, retrying(found.state))
    if decision.verdict is Verdict.REROUTE:
        return await _reroute(line, decision, found, send)
    return await _end(line, decision, found.thread)


async def command(line: Line, decision: Decision) -> Receipt:
    """Carry out what may be done at any time: stop what goes on, and ask nothing any more."""
    thread = await threads.read(line, decision.key.run.run_id)
    now = commands(thread, line.identity)
    if not now:
        raise Refused(OVER, code=RefusalCode.CLOSED)
    if now[0].key != decision.key or now[0].row.digest != decision.digest:
        raise Refused(reading.MOVED, code=RefusalCode.CHANGED)
    if decision.verdict not in now[0].verdicts:
        raise Refused(f"This takes no “{decision.verdict}”.", code=RefusalCode.NOT_ALLOWED)
    return await _end(line, decision, thread)


def commands(thread: Thread, server: str) -> tuple[Escalation, ...]:
    """What may be done to a thread at any time; nothing once it is idle."""
    if thread.status not in {BUSY, waits.WAITING, waits.ERROR}:
        return ()
    key = EscalationKey(thread.ref(server), CANCEL, thread.moment)
    row = {
        "key": key,
        "kind": Kind.COMMAND,
        "title": CANCEL_TITLE,
        "workflow": thread.graph,
        "agent": "",
        "risk": thread.risk or Risk.HIGH,
        "opened_at": thread.moved_at,
    }
    raw = {
        "row": row,
        "opened_in": thread.thread_id,
        "step": "",
        "owner": "",
        "verdicts": (Verdict.CANCEL,),
        "question": CANCEL_WORDS,
    }
    return (items.escalation(raw, thread.ref(server), opened_at=thread.moved_at),)


def retrying(state: Node) -> dict[str, Json]:
    """The run that tries a failed step again; where an answer broke it, from the snapshot before."""
    before = threads.word(threads.node(state.get("parent_checkpoint")).get("checkpoint_id"))
    if waits.is_poisoned(state) and before:
        return {"input": None, "checkpoint": {"checkpoint_id": before, "checkpoint_ns": ""}}
    return {"input": None}


async def read_back(line: Line, decision: Decision, thread: Thread, runs: Sequence[landed.Attempt]) -> Receipt | None:
    """What became of a decision that only the thread may know of."""
    kept = notes.kept_intent(thread, decision)
    if kept is None:
        return None
    if not landed.is_same(kept, decision):
        raise Refused("Another decision was sent under this id.", code=RefusalCode.ID_REUSED)
    if decision.verdict is Verdict.REROUTE:
        return _begun(decision, kept, thread, runs)
    if thread.status == BUSY or (thread.moment == decision.key.occurrence and thread.status != IDLE):
        return None
    state = threads.node(await line.get(threads.path(thread.thread_id, "state")))
    was_ended = threads.word(threads.node(state.get("metadata")).get("source")) == "update" and not state.get("next")
    was_stopped = bool(runs) and runs[-1].status == landed.STOPPED
    outcome = Outcome.CARRIED_OUT if was_ended or was_stopped else Outcome.SUPERSEDED
    words = "" if outcome is Outcome.CARRIED_OUT else "The run went on by itself."
    at = thread.moved_at
    return landed.proven(decision, landed.receipt(kept, outcome, at, at, message=words))


def _begun(decision: Decision, kept: Decision, thread: Thread, runs: Sequence[landed.Attempt]) -> Receipt | None:
    """What became of going on elsewhere, if no run carries it: another was first, or it stopped half-way."""
    if runs:
        words = f"{runs[0].who} was first."
        return landed.proven(decision, landed.receipt(kept, Outcome.SUPERSEDED, kept.signed_at, message=words))
    if thread.moment == decision.key.occurrence:
        return None
    raise Uncertain("The run was ended to go on elsewhere, and did not.", next_action="Start it again there.")


async def _end(line: Line, decision: Decision, thread: Thread) -> Receipt:
    """Stop what goes on and let nothing wait."""
    await notes.intent(line, decision)
    if thread.status == BUSY:
        await _stop_runs(line, thread)
        thread = await threads.read(line, thread.thread_id)
    if thread.status != IDLE:
        await line.change("POST", threads.path(thread.thread_id, "state"), END)
    now = await threads.read(line, thread.thread_id)
    told = await read_back(line, decision, now, await landed.attempts(line, decision))
    if told is None:
        raise Uncertain("The server took it, and does not tell of it.")
    if told.outcome is Outcome.SUPERSEDED:
        raise Refused(told.message, code=RefusalCode.ALREADY_DECIDED)
    return told


async def _stop_runs(line: Line, thread: Thread) -> None:
    for status in ("running", "pending"):
        runs = await line.get(threads.path(thread.thread_id, "runs"), status=status, limit=10, select=["run_id"])
        for raw in threads.items_of(runs):
            run_id = threads.word(threads.node(raw).get("run_id"))
            if threads.THREAD_ID.fullmatch(run_id):
                where = threads.path(thread.thread_id, "runs", run_id, "cancel?wait=true&action=interrupt")
                await line.change("POST", where, {})


async def _reroute(line: Line, decision: Decision, found: Found, send: Send) -> Receipt:
    """Let the run go on at another step: end what it is at, then begin there. A step that is none would do nothing."""
    told = decision.payload.get("to")
    to = told.get("id") if isinstance(told, dict) else None
    thread, graph = found.thread, await line.graph(found.thread.assistant_id)
    if not isinstance(to, str) or to not in waits.nodes(graph):
        raise Refused("The graph has no such step.", code=RefusalCode.INVALID_PAYLOAD)
    await notes.intent(line, decision)
    if found.state.get("next"):
        await line.change("POST", threads.path(thread.thread_id, "state"), END)
    return await send(line, decision, thread, {"command": {"goto": to}})
