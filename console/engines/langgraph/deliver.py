"""Carrying a decision to a thread, and finding out what became of it.

LangGraph holds no lock and tells nobody who was first, so the guards are here: the item is read again right before
sending and its digest compared, an answer names the interrupt that it is for, a run is turned away while another is
under way, and afterwards the runs prove whose answer counted (:mod:`console.engines.langgraph.landed`). Invariants: at
most one run carries a decision, never repeated by itself; what is not known is ``Uncertain``.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.canonical import Json, canonical
from console.domain.decision import MAX_PAYLOAD_BYTES, Decision
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.receipt import Outcome, Receipt
from console.engines.langgraph import acts, answers, landed, notes, reading, threads, waits
from console.engines.langgraph.line import Line
from console.engines.langgraph.reading import Found
from console.engines.langgraph.threads import Thread

HELD = "Kept at the run: {decided} of {count} actions are decided, and all are sent together."
SENT_WITHOUT = "The actions were sent without it."
ALREADY = "{person} decided this already."


async def deliver(line: Line, decision: Decision) -> Receipt:
    """Send a decision and return what the server then keeps of it; see the port for the errors."""
    _check(line, decision)
    known = await _known(line, decision)
    if known is not None:
        return known
    if decision.key.is_command:
        return await acts.command(line, decision)
    try:
        found = await reading.found(line, decision.key)
    except Refused as refused:
        return await _settled_elsewhere(line, decision, refused)
    if found.item.row.digest != decision.digest:
        raise Refused("What is proposed has changed.", code=RefusalCode.CHANGED)
    if decision.verdict not in found.item.verdicts:
        raise Refused(f"This takes no “{decision.verdict}”.", code=RefusalCode.NOT_ALLOWED)
    if found.wait is None:
        return await acts.act(line, decision, found, send)
    answers.check(found.wait.part, decision)
    if found.wait.part.count == 1:
        return await _answer(line, decision, found, (decision,))
    return await _part(line, decision, found)


async def read_back(line: Line, decision: Decision) -> Receipt | None:
    """What became of a decision. ``None``: neither a run nor the thread knows of it."""
    thread = await threads.read(line, decision.key.run.run_id)
    runs = await landed.attempts(line, decision)
    told = landed.receipt_among(runs, decision, thread)
    if told is not None:
        return landed.proven(decision, told)
    if (kept := notes.kept_part(thread, decision)) is not None:
        return (
            None if _was_to_send(thread, decision) else landed.proven(decision, _of_part(thread, decision, kept, runs))
        )
    return await acts.read_back(line, decision, thread, runs)


def _check(line: Line, decision: Decision) -> None:
    if decision.valid_until <= line.now:
        raise Refused("It was valid until a time that has passed.", code=RefusalCode.EXPIRED)
    if len(canonical(decision.payload)) > MAX_PAYLOAD_BYTES:
        raise Refused(
            f"What is said with the decision is larger than {MAX_PAYLOAD_BYTES // 1024} KB.",
            code=RefusalCode.INVALID_PAYLOAD,
            next_action="Shorten it.",
        )


async def _known(line: Line, decision: Decision) -> Receipt | None:
    """What a run tells of this decision: then it was sent before."""
    thread = await threads.read(line, decision.key.run.run_id)
    told = landed.receipt_among(await landed.attempts(line, decision), decision, thread)
    return told and landed.proven(decision, told)


async def _answer(line: Line, decision: Decision, found: Found, decisions: Sequence[Decision]) -> Receipt:
    """Resume just this interrupt with the answer that the decisions on its parts make."""
    value = answers.answer([one.part for one in found.siblings], decisions)
    resume: dict[str, Json] = {found.siblings[0].interrupt_id: value}
    return await send(line, decision, found.thread, {"command": {"resume": resume}}, decisions)


async def send(
    line: Line,
    decision: Decision,
    thread: Thread,
    body: dict[str, Json],
    decisions: Sequence[Decision] = (),
) -> Receipt:
    """Begin the run that carries a decision, and return what it keeps of it."""
    run = {
        "assistant_id": thread.assistant_id,
        "multitask_strategy": "reject",
        "metadata": {landed.DECISIONS: [notes.to_json(one) for one in decisions or (decision,)]},
        **body,
    }
    try:
        await line.change("POST", threads.path(thread.thread_id, "runs"), run)
    except Refused as refused:
        if refused.code != RefusalCode.BUSY:
            raise
        return await _settled_elsewhere(line, decision, refused)
    try:
        told = await read_back(line, decision)
    except (Unreachable, Denied) as error:
        raise Uncertain("The server took it, and did not tell what became of it.") from error
    if told is None:
        raise Uncertain("The server took it, and does not tell of it.")
    if told.outcome is Outcome.SUPERSEDED:
        raise Refused(told.message, code=RefusalCode.ALREADY_DECIDED)
    return told


async def _part(line: Line, decision: Decision, found: Found) -> Receipt:
    """Keep the decision on one action of several, and send all once each is decided."""
    interrupt_id = found.siblings[0].interrupt_id
    others = _chosen(found.thread, interrupt_id)
    first = others.get(decision.key.native_id)
    if first is not None and first.decision_id != decision.decision_id:
        raise Refused(ALREADY.format(person=first.by.name), code=RefusalCode.ALREADY_DECIDED)
    if first is not None and not landed.is_same(first, decision):
        raise Refused("Another decision was sent under this id.", code=RefusalCode.ID_REUSED)
    if first is None:
        await notes.part(line, decision)
    now = await reading.found(line, decision.key)
    chosen = _chosen(now.thread, interrupt_id)
    mine = chosen.get(decision.key.native_id, decision)
    if mine.decision_id != decision.decision_id:
        raise Refused(ALREADY.format(person=mine.by.name), code=RefusalCode.ALREADY_DECIDED)
    wanted = [one.native_id for one in now.siblings]
    if all(name in chosen for name in wanted):
        return await _answer(line, decision, now, [chosen[name] for name in wanted])
    return _held(decision, now.thread, len(wanted))


def _chosen(thread: Thread, interrupt_id: str) -> dict[str, Decision]:
    """The decision that counts for each part, by its name."""
    chosen: dict[str, Decision] = {}
    for one in notes.parts_of(thread, interrupt_id):
        chosen.setdefault(one.key.native_id, one)
    return chosen


def _held(decision: Decision, thread: Thread, count: int) -> Receipt:
    decided = len(_chosen(thread, decision.key.native_id.partition(".")[0]))
    words = HELD.format(decided=decided, count=count)
    return landed.receipt(decision, Outcome.CONFIRMED, decision.signed_at, message=words)


def _of_part(thread: Thread, decision: Decision, kept: Decision, runs: Sequence[landed.Attempt]) -> Receipt:
    """What became of a decision on a part that no run carries."""
    if not landed.is_same(kept, decision):
        raise Refused("Another decision was sent under this id.", code=RefusalCode.ID_REUSED)
    if thread.moment != decision.key.occurrence or runs:
        words = f"{runs[0].who} was first." if runs else SENT_WITHOUT
        return landed.receipt(decision, Outcome.SUPERSEDED, decision.signed_at, message=words)
    chosen = _chosen(thread, decision.key.native_id.partition(".")[0]).get(decision.key.native_id, decision)
    if chosen.decision_id != decision.decision_id:
        words = ALREADY.format(person=chosen.by.name)
        return landed.receipt(decision, Outcome.SUPERSEDED, decision.signed_at, message=words)
    return _held(decision, thread, _count(thread, decision))


def _was_to_send(thread: Thread, decision: Decision) -> bool:
    """Whether it is the last of all parts, so that the run should have followed it and did not."""
    chosen = _chosen(thread, decision.key.native_id.partition(".")[0])
    last = max(chosen.values(), key=lambda one: (one.signed_at, one.decision_id), default=decision)
    is_whole = len(chosen) == _count(thread, decision) and thread.moment == decision.key.occurrence
    return is_whole and last.decision_id == decision.decision_id


def _count(thread: Thread, decision: Decision) -> int:
    """How many parts the interrupt has of which this decides one."""
    interrupt_id = decision.key.native_id.partition(".")[0]
    return sum(one.interrupt_id == interrupt_id for one in waits.waits(thread, thread.interrupts))


async def _settled_elsewhere(line: Line, decision: Decision, refused: Refused) -> Receipt:
    """What became of it where it is not to be sent: over another line it was, or somebody else was first.

    Raises the refusal, told by who was first where the runs know.
    """
    if refused.code not in {*RefusalCode.SUPERSEDING, RefusalCode.BUSY}:
        raise refused
    runs = await landed.attempts(line, decision)
    told = landed.receipt_among(runs, decision, await threads.read(line, decision.key.run.run_id))
    if told is not None and told.outcome is not Outcome.SUPERSEDED:
        return landed.proven(decision, told)
    if runs:
        raise Refused(ALREADY.format(person=runs[0].who), code=RefusalCode.ALREADY_DECIDED) from refused
    raise refused
