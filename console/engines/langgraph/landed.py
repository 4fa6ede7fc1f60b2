"""Which decision counted: read from the runs that a thread had since something waited in it.

A run keeps what it was told, and the decisions that it carries in its metadata. LangGraph has no lock: whoever resumes
first is obeyed, and whoever comes later is ignored, or heard by the next question, with the same words of success. So
invariant: a decision counts only if its run is the first that could have answered the wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.decision import Decision, payload_hash
from console.domain.errors import RefusalCode, Refused, Uncertain
from console.domain.receipt import Effect, Outcome, Receipt, mismatches
from console.domain.rules import EXECUTING
from console.engines.items import LONG_AGO
from console.engines.langgraph import notes, threads
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.threads import EPOCH, Thread

DECISIONS = "clearance_decisions"
FIELDS = ["run_id", "status", "created_at", "updated_at", "metadata", "kwargs"]
PAGE = 20
MOST_RUNS = 200
UNDER_WAY = frozenset({"pending", "running"})
WELL = "success"
STOPPED = "interrupted"
SOMEBODY = "Somebody outside of Clearance"
ID_LENGTH = 32
# A wait with a number this low was not opened at a time: the number is of its task.
FIRST_MOMENT = 10**15


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a thread: its decisions, and the interrupts that it answers (``None``: whichever waits)."""

    run_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    decisions: tuple[Decision, ...]
    answers: frozenset[str] | None

    @property
    def who(self) -> str:
        """Who began it."""
        return self.decisions[0].by.name if self.decisions else SOMEBODY

    def carries(self, decision: Decision) -> Decision | None:
        """The decision of this id that it carries."""
        return next((one for one in self.decisions if one.decision_id == decision.decision_id), None)


async def attempts(line: Line, decision: Decision) -> list[Attempt]:
    """The runs that could have settled what was decided on, the first one first."""
    since = opened_at(decision)
    found: list[Attempt] = []
    offset = 0
    while offset < MOST_RUNS:
        page = threads.items_of(
            await line.get(threads.path(decision.key.run.run_id, "runs"), limit=PAGE, offset=offset, select=FIELDS)
        )
        read = [attempt(threads.node(raw)) for raw in page]
        found.extend(one for one in read if one.created_at > since)
        offset += PAGE
        if len(page) < PAGE or any(one.created_at <= since for one in read):
            break
    found.sort(key=lambda one: (one.created_at, one.run_id))
    interrupt_id = decision.key.native_id.partition(".")[0]
    if since == EPOCH:
        return [one for one in found if one.answers is None or interrupt_id in one.answers]
    return found


def opened_at(decision: Decision) -> datetime:
    """When it opened what was decided on, by the server's clock; the beginning of time where its number is no time."""
    occurrence = decision.key.occurrence
    return EPOCH + timedelta(microseconds=occurrence) if occurrence > FIRST_MOMENT else EPOCH


def receipt_among(found: Sequence[Attempt], decision: Decision, thread: Thread) -> Receipt | None:
    """What the runs tell of a decision; ``None`` where none of them carries it.

    Raises :class:`Refused` (``id-reused``) where one carries another decision of this id.
    """
    mine = next((one for one in found if one.carries(decision)), None)
    if mine is None:
        return None
    echo = mine.carries(decision)
    if echo is None or not is_same(echo, decision):
        raise Refused("Another decision was sent under this id.", code=RefusalCode.ID_REUSED)
    first = found[0]
    if first is not mine:
        return receipt(echo, Outcome.SUPERSEDED, mine.created_at, message=f"{first.who} was first.")
    if mine.status in UNDER_WAY:
        return receipt(echo, Outcome.CONFIRMED, mine.created_at)
    settled_at = mine.updated_at
    if mine.status == WELL:
        return receipt(echo, Outcome.CARRIED_OUT, mine.created_at, settled_at, effect=_effect(echo, mine))
    words = "The run was stopped before its end." if mine.status == STOPPED else thread.error or "The run failed."
    failed = _effect(echo, mine, error=words)
    return receipt(echo, Outcome.FAILED, mine.created_at, settled_at, message=words, effect=failed)


def receipt(
    decision: Decision,
    outcome: Outcome,
    accepted_at: datetime,
    settled_at: datetime | None = None,
    *,
    message: str = "",
    effect: Effect | None = None,
) -> Receipt:
    """A receipt that echoes a decision as the server keeps it."""
    return Receipt(
        decision_id=decision.decision_id,
        key=decision.key,
        opened_in=decision.opened_in,
        digest=decision.digest,
        verdict=decision.verdict,
        payload_hash=payload_hash(decision.payload),
        key_id=decision.key_id,
        signature=decision.signature,
        outcome=outcome,
        accepted_at=accepted_at,
        settled_at=settled_at,
        message=message,
        effect=effect,
    )


def proven(decision: Decision, told: Receipt) -> Receipt:
    """The receipt, if it echoes the decision in every part."""
    if differing := mismatches(decision, told):
        raise Uncertain(f"What the server keeps is of another decision: it differs in {', '.join(differing)}.")
    return told


def is_same(one: Decision, other: Decision) -> bool:
    """Whether two decisions are the same one; times are kept in other forms."""
    return not mismatches(one, receipt(other, Outcome.CONFIRMED, other.signed_at))


def _effect(decision: Decision, run: Attempt, error: str = "") -> Effect | None:
    """What letting it happen did: the run that did it is its name."""
    if decision.verdict not in EXECUTING:
        return None
    return Effect(effect_id=run.run_id, tool="", at=run.updated_at, error=error)


def attempt(raw: Node) -> Attempt:
    """A run as a thread tells of it."""
    metadata, command = threads.node(raw.get("metadata")), threads.node(threads.node(raw.get("kwargs")).get("command"))
    told = [notes.decided(each) for each in threads.items_of(metadata.get(DECISIONS))]
    resume = command.get("resume")
    keys = frozenset(resume) if isinstance(resume, dict) else frozenset()
    is_keyed = bool(keys) and all(isinstance(key, str) and len(key) == ID_LENGTH and key.isalnum() for key in keys)
    created_at = threads.instant(raw.get("created_at")) or LONG_AGO
    return Attempt(
        run_id=threads.word(raw.get("run_id")),
        status=threads.word(raw.get("status")),
        created_at=created_at,
        updated_at=threads.instant(raw.get("updated_at")) or created_at,
        decisions=tuple(one for one in told if one is not None),
        answers=keys if is_keyed else frozenset({""}) if not command and raw.get("kwargs") is not None else None,
    )
