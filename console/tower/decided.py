"""What all workflows share that people decide on: the updates and queries by which a console meets them.

Invariants: a handler turns every error into an ``ApplicationError`` (any other exception would block the workflow), and
what it has checked it checks again after it waited. A subclass holds its state in ``_course`` and says what a decision
makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from console.domain.decision import Decision
    from console.domain.errors import RefusalCode, Refused
    from console.domain.receipt import Receipt
    from console.tower import attention, rulings, views, wire
    from console.tower.answering import signer, typed
    from console.tower.course import Course

_T = TypeVar("_T")


class Decided:
    """A workflow with items that wait for people. ``_updates`` counts what it was asked to change."""

    _course: Course
    _has_moved: bool
    _updates: int

    def take(self, decision: Decision) -> Receipt:
        """Apply a decision whose signer is known, once. Raises :class:`Refused` and changes nothing."""
        return rulings.decide(self._course, decision)

    @workflow.update(name=wire.UPDATE_DECIDE)
    async def decide(self, request: wire.DecideRequest) -> Receipt:
        """Apply a decision once, and answer with its receipt at once; what follows from it is read by query."""
        decision = request.decision
        try:
            call = self._answer(lambda: rulings.to_authorise(self._course, decision))
            by = await signer(call) if call is not None else decision.by
            return self._answer(lambda: self.take(replace(decision, by=by)))
        except ApplicationError as error:
            refused = Refused(error.message, code=error.type or RefusalCode.NOT_ALLOWED)
            rulings.refuse(self._course, decision, refused)
            raise

    @decide.validator
    def _may_decide(self, request: wire.DecideRequest) -> None:
        update = workflow.current_update_info()

        def check() -> None:
            if update is not None and update.id != request.decision.decision_id:
                raise Refused("The update's id is not the decision's.", code=RefusalCode.INVALID_PAYLOAD)
            rulings.may_try(self._course, request.decision)

        typed(check)

    @workflow.update(name=wire.UPDATE_CLAIM)
    def claim(self, request: wire.ClaimRequest) -> None:
        """Note that a person is on an item."""
        self._answer(lambda: attention.claim(self._course, request))

    @workflow.update(name=wire.UPDATE_RELEASE)
    def release(self, request: wire.ClaimRequest) -> None:
        """End a person's claim."""
        self._answer(lambda: attention.release(self._course, request.key, request.by))

    @workflow.update(name=wire.UPDATE_COMMENT)
    def comment(self, request: wire.CommentRequest) -> None:
        """Keep a comment with an item."""
        self._answer(lambda: attention.comment(self._course, request.key, request.comment))

    @workflow.query(name=wire.QUERY_HEADER)
    def header(self) -> wire.HeaderReply:
        """The header, of a run or of what shows itself as one."""
        return views.header(self._course)

    @workflow.query(name=wire.QUERY_ESCALATIONS)
    def escalations(self) -> wire.EscalationsReply:
        """Everything that waits, in full."""
        return views.escalations(self._course)

    @workflow.query(name=wire.QUERY_RECEIPT)
    def receipt(self, decision_id: str) -> wire.ReceiptReply:
        """The receipt of a decision, with its effect once there is one."""
        book = self._course.book
        return wire.ReceiptReply(receipt=book.receipts.get(decision_id), refusal=book.refusals.get(decision_id))

    @workflow.query(name=wire.QUERY_REFUSALS)
    def refusals(self) -> wire.RefusalsReply:
        """Every decision that was turned down."""
        return wire.RefusalsReply(refusals=list(self._course.book.refusals.values()))

    @workflow.query(name=wire.QUERY_STATE)
    def state(self, revision: int | None = None) -> wire.StateReply:
        """The state at a revision, or now."""
        return typed(lambda: views.state(self._course, revision))

    @workflow.query(name=wire.QUERY_STEPS)
    def steps(self) -> wire.StepsReply:
        """The steps, each with what became of it."""
        return views.steps(self._course)

    @workflow.query(name=wire.QUERY_HAND_OFFS)
    def hand_offs(self) -> wire.HandOffsReply:
        """What moved over each edge."""
        return wire.HandOffsReply(hand_offs=self._course.book.hand_offs)

    def _answer(self, act: Callable[[], _T]) -> _T:
        self._updates += 1
        self._has_moved = True
        if not self._course.book.server:
            raise ApplicationError("The run has not begun.", type=RefusalCode.BUSY, non_retryable=True)
        return typed(act)
