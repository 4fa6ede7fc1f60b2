"""What people decided in a run, kept so that whoever decides a case alike later sees how this one ended.

Invariant: a case is noted once, when a decision ends its waiting; it is told when the run has ended, with what became
of it. What only the run's own end closed was decided by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.escalation import Escalation, Verdict
from console.domain.precedent import Precedent, likeness
from console.domain.receipt import Outcome
from console.tower.book import Ruled
from console.tower.wire import MEMO_ROWS

if TYPE_CHECKING:
    from console.tower.course import Course

MAX_TITLE = 200
MAX_MESSAGE = 200
_PRECEDENT = TypeAdapter(Precedent)


def note(course: Course, escalation: Escalation, decision: Decision) -> None:
    """Note a case that a decision has ended; one that still waits, for another person say, is noted by the next."""
    if escalation.key.is_command or course.book.find(escalation.key) is not None:
        return
    is_edited = any(approval.changes for approval in escalation.approvals)
    verdict = Verdict.EDIT if decision.verdict is Verdict.APPROVE and is_edited else decision.verdict
    ruled = Ruled(
        decision_id=decision.decision_id,
        title=escalation.row.title[:MAX_TITLE],
        like=likeness(escalation),
        verdict=verdict,
        confidence=escalation.confidence,
    )
    course.book.ruled = [*course.book.ruled, ruled][-MEMO_ROWS:]


def told(course: Course) -> list[dict[str, Json]]:
    """The cases of a run that has ended, as its memo has them."""
    return [_PRECEDENT.dump_python(_precedent(course, one), mode="json") for one in course.book.ruled]


def _precedent(course: Course, ruled: Ruled) -> Precedent:
    receipt = course.book.receipts[ruled.decision_id]
    error = receipt.effect.error if receipt.effect is not None else ""
    return Precedent(
        run=course.ref,
        title=ruled.title,
        like=ruled.like,
        verdict=ruled.verdict,
        at=receipt.accepted_at,
        outcome=receipt.outcome,
        message=(error or receipt.message if receipt.outcome is not Outcome.CARRIED_OUT else "")[:MAX_MESSAGE],
        ended=course.book.ending,
        confidence=ruled.confidence,
    )
