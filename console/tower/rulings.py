"""Taking a person's decision: every reason to refuse it, then what it makes of the run.

Invariant: a decision that is refused changes nothing; one that was taken before gets its receipt again. What is checked
is the run's own record at this moment: the digest is computed anew from what waits, validity goes by the run's clock.
All refusals are :class:`~console.domain.errors.Refused` with a code of ``RefusalCode``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from console.domain.canonical import Json, canonical
from console.domain.decision import MAX_PAYLOAD_BYTES, Decision, payload_hash
from console.domain.digest import escalation_digest, semantic_action
from console.domain.edits import edited_lines
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Approval, Escalation, EscalationKey, Kind, Proposal, Target, TargetKind, Verdict
from console.domain.receipt import Outcome, Receipt, mismatches
from console.domain.rules import permission
from console.domain.run import RunStatus, Standing
from console.tower import commands, interventions, openings, precedents, schemas
from console.tower.book import Phase, Usage
from console.tower.bounds import resource_of
from console.tower.course import Course
from console.tower.messages import AuthoriseCall
from console.tower.plan import OnReject
from console.tower.wire import Refusal
from console.verify.decisions import EXECUTING, Evidence

Applying = Callable[[Course, Escalation, Decision], None]

MAX_RECEIPTS = 1_000
MAX_REFUSALS = 100
SPACED_BY = timedelta(minutes=1)


def known_receipt(course: Course, decision: Decision) -> Receipt | None:
    """The receipt of a decision taken before. Raises where its id stands for another decision."""
    receipt = course.book.receipts.get(decision.decision_id)
    if receipt is not None and mismatches(decision, receipt):
        raise Refused("This decision id was used for another decision.", code=RefusalCode.ID_REUSED)
    return receipt


def may_try(course: Course, decision: Decision) -> None:
    """Raise where an attempt is not even looked at: when too many were refused, one a minute is."""
    refused = course.book.refusals
    if decision.decision_id in course.book.receipts or decision.decision_id in refused or len(refused) < MAX_REFUSALS:
        return
    latest = max(one.at for one in refused.values())
    if course.now() < latest + SPACED_BY:
        text = f"This run has refused {len(refused)} decisions, and now looks at one a minute."
        raise Refused(text, code=RefusalCode.BUSY)


def to_authorise(course: Course, decision: Decision) -> AuthoriseCall | None:
    """What the worker is asked about a decision; ``None`` if the run has taken it before.

    Raises for every reason that the run itself knows against it, also the one that it gave before.
    """
    if before := course.book.refusals.get(decision.decision_id):
        raise Refused(before.message, code=before.code)
    if known_receipt(course, decision):
        return None
    escalation = check(course, decision)
    keys = [course.book.receipts[approval.decision_id].key_id for approval in escalation.approvals]
    return AuthoriseCall(decision=decision, initiator=escalation.initiator, approved_by=tuple(keys))


def refuse(course: Course, decision: Decision, error: Refused) -> None:
    """Keep a record of a decision that was turned down; what may be tried again leaves none."""
    if error.code == RefusalCode.BUSY or decision.decision_id in course.book.receipts:
        return
    course.book.refusals.setdefault(
        decision.decision_id,
        Refusal(
            decision_id=decision.decision_id,
            key=decision.key,
            verdict=str(decision.verdict),
            person_id=decision.by.person_id,
            key_id=decision.key_id,
            at=course.now(),
            code=error.code,
            message=error.message,
        ),
    )


def check(course: Course, decision: Decision) -> Escalation:
    """The open escalation that a new decision may be applied to. Raises for the first reason against it."""
    _check_payload(decision)
    escalation = find(course, decision)
    if decision.digest != escalation_digest(escalation) or decision.opened_in != escalation.opened_in:
        raise Refused("What waits is no longer what was shown.", code=RefusalCode.CHANGED)
    if decision.valid_until <= course.now():
        raise Refused("The decision was valid until a time that has passed.", code=RefusalCode.EXPIRED)
    allowed = permission(escalation, decision.verdict, decision.by)
    if not allowed.is_allowed:
        raise Refused(allowed.reason, code=RefusalCode.NOT_ALLOWED)
    if decision.verdict is Verdict.EDIT:
        _edited(course, escalation, decision)
    elif decision.verdict is Verdict.ANSWER:
        _answer(escalation, decision)
    elif decision.verdict is Verdict.REROUTE:
        _target(escalation, decision)
    elif decision.key.is_command:
        interventions.check(escalation, decision)
    if len(course.book.receipts) >= MAX_RECEIPTS and decision.verdict is not Verdict.CANCEL:
        raise Refused(f"This run has taken {MAX_RECEIPTS} decisions; cancel it.", code=RefusalCode.NOT_ALLOWED)
    return escalation


def decide(course: Course, decision: Decision, apply: Applying | None = None) -> Receipt:
    """Apply a decision once and return its receipt as of now. Raises :class:`Refused` and changes nothing.

    ``apply`` is what it makes of the course, where that is not what a decision on a step makes.
    """
    if known := known_receipt(course, decision):
        return known
    escalation = check(course, decision)
    book = course.book
    book.receipts[decision.decision_id] = Receipt(
        decision_id=decision.decision_id,
        key=decision.key,
        opened_in=decision.opened_in,
        digest=decision.digest,
        verdict=decision.verdict,
        payload_hash=payload_hash(decision.payload),
        key_id=decision.key_id,
        signature=decision.signature,
        outcome=Outcome.CONFIRMED,
        accepted_at=course.now(),
        required_approvals=escalation.row.required_approvals,
    )
    if decision.verdict in EXECUTING and escalation.proposal is not None:
        state = book.steps[escalation.step]
        before = () if decision.verdict is Verdict.EDIT else state.granted
        state.granted = (*before, Evidence(decision=decision, action=semantic_action(escalation)))
    is_own = decision.key.is_command and decision.verdict is not Verdict.WITHDRAW
    apply = apply or (interventions.apply if is_own else _APPLY[decision.verdict])
    apply(course, escalation, decision)
    precedents.note(course, escalation, decision)
    book.moved_at = course.now()
    return book.receipts[decision.decision_id]


def find(course: Course, decision: Decision) -> Escalation:
    """The open escalation that a decision names. Raises with the reason why there is none."""
    key = decision.key
    found = course.command(course, key.native_id) if key.is_command else course.book.find(key)
    if found is not None and found.key == key:
        return found
    if key.run != course.ref or not 0 < key.occurrence <= _occurred(course, key):
        raise Refused("The run knows no such item.", code=RefusalCode.UNKNOWN)
    if any(receipt.key == key for receipt in course.book.receipts.values()):
        is_late = decision.verdict is Verdict.WITHDRAW
        text = "It is too late to withdraw an approval: this is decided." if is_late else "Somebody decided this first."
        raise Refused(text, code=RefusalCode.ALREADY_DECIDED)
    raise Refused("This no longer waits for anybody.", code=RefusalCode.CLOSED)


def _occurred(course: Course, key: EscalationKey) -> int:
    """How often something waited, or was offered, under a native id."""
    if key.is_command:
        return course.book.taken.get(key.native_id, 0) + 1
    state = course.book.steps.get(key.native_id)
    return state.openings if state is not None else 0


def _check_payload(decision: Decision) -> None:
    try:
        size = len(canonical(decision.payload))
    except ValueError as error:
        raise Refused(f"The payload cannot be signed: {error}", code=RefusalCode.INVALID_PAYLOAD) from None
    if size > MAX_PAYLOAD_BYTES:
        text = f"The payload has {size // 1024} KB; {MAX_PAYLOAD_BYTES // 1024} are the most."
        raise Refused(text, code=RefusalCode.INVALID_PAYLOAD)


def _edited(course: Course, escalation: Escalation, decision: Decision) -> Escalation:
    """The escalation with the edited arguments, weighed anew; whoever edits must be allowed what it then weighs."""
    proposal, arguments = escalation.proposal, decision.payload.get("arguments")
    if proposal is None or not isinstance(arguments, dict):
        raise Refused("“arguments” has to be an object.", code=RefusalCode.INVALID_PAYLOAD)
    if found := schemas.errors(proposal.schema, arguments):
        raise Refused("; ".join(found), code=RefusalCode.INVALID_PAYLOAD)
    if text := course.out_of_bounds(escalation.step, proposal.tool, arguments):
        raise Refused(text, code=RefusalCode.NOT_ALLOWED)
    changed = replace(
        proposal,
        arguments=arguments,
        resource=resource_of(course.plan.tool(proposal.tool), arguments),
        summary=proposal.summary.removesuffix(" (edited)") + " (edited)",
        changes=edited_lines(proposal.arguments, arguments),
    )
    weighed = openings.weighed_anew(course, escalation, changed)
    allowed = permission(weighed, Verdict.APPROVE, decision.by)
    if not allowed.is_allowed:
        raise Refused(f"With this change: {allowed.reason}", code=RefusalCode.NOT_ALLOWED)
    return weighed


def _answer(escalation: Escalation, decision: Decision) -> Json:
    answer = decision.payload.get("answer")
    if "answer" not in decision.payload:
        raise Refused("“answer” is missing.", code=RefusalCode.INVALID_PAYLOAD)
    if found := schemas.errors(escalation.schema, answer):
        raise Refused("; ".join(found), code=RefusalCode.INVALID_PAYLOAD)
    return answer


def _target(escalation: Escalation, decision: Decision) -> Target:
    to = decision.payload.get("to")
    if isinstance(to, dict):
        for target in escalation.targets:
            if (to.get("kind"), to.get("id")) == (str(target.kind), target.target_id):
                return target
    raise Refused("Work cannot be rerouted there.", code=RefusalCode.INVALID_PAYLOAD)


def _approve(course: Course, escalation: Escalation, decision: Decision) -> None:
    state = course.book.steps[escalation.step]
    if escalation.proposal is None:
        held_back, state.held_back = state.held_back, {}
        course.book.open.pop(escalation.step)
        course.apply(escalation.step, held_back, Standing.DECIDED)
        course.over(escalation.step, Phase.DONE)
        course.book.carrying[decision.decision_id] = "The findings are in the state."
        return
    changes = escalation.proposal.changes if decision.verdict is Verdict.EDIT else ()
    digest = escalation.row.digest
    approval = Approval(decision.by, course.now(), decision.decision_id, digest, decision.reason, changes)
    approvals = (*escalation.approvals, approval)
    row = replace(escalation.row, approvals=len({one.by.person_id for one in approvals}))
    escalation = replace(escalation, approvals=approvals, row=row)
    is_granted = row.approvals >= row.required_approvals
    for one in approvals:
        course.book.receipts[one.decision_id] = replace(
            course.book.receipts[one.decision_id],
            outcome=Outcome.CONFIRMED if is_granted else Outcome.HALF_GRANTED,
            approvals=row.approvals,
            required_approvals=row.required_approvals,
        )
    if not is_granted:
        course.book.open[escalation.step] = escalation
        return
    course.book.open.pop(escalation.step)
    state.answering = tuple(one.decision_id for one in approvals)
    state.phase = Phase.EXECUTE


def _edit(course: Course, escalation: Escalation, decision: Decision) -> None:
    edited = _edited(course, escalation, decision)
    given = [approval.decision_id for approval in escalation.approvals]
    text = f"{decision.by.name} edited what was approved."
    course.book.settle(given, Outcome.SUPERSEDED, course.now(), text)
    state = course.book.steps[escalation.step]
    state.proposals = _with(state.proposals, state.turn, edited.proposal)
    _approve(course, edited, decision)


def _withdraw(course: Course, escalation: Escalation, decision: Decision) -> None:
    """Take the person's own approval back: it waits for as many as before, and the executor never sees that one.

    What a person began to do by hand waits for nobody any more once nobody stands by it.
    """
    book, by = course.book, decision.by
    approvals = tuple(one for one in escalation.approvals if one.by.person_id != by.person_id)
    left = {one.decision_id for one in approvals}
    withdrawn = [one.decision_id for one in escalation.approvals if one.decision_id not in left]
    book.settle(withdrawn, Outcome.SUPERSEDED, course.now(), f"{by.name} withdrew the approval.")
    if state := book.steps.get(escalation.step):
        state.granted = tuple(one for one in state.granted if one.decision.decision_id not in withdrawn)
    row = replace(escalation.row, approvals=len({one.by.person_id for one in approvals}))
    if escalation.key.is_command and not approvals:
        commands.taken(course, escalation)
    else:
        book.put(replace(escalation, approvals=approvals, row=row))
    for decision_id in left:
        book.receipts[decision_id] = replace(book.receipts[decision_id], approvals=row.approvals)
    own = replace(book.receipts[decision.decision_id], approvals=row.approvals)
    book.receipts[decision.decision_id] = own
    book.settle([decision.decision_id], Outcome.CARRIED_OUT, course.now(), "The approval is withdrawn.")


def _reject(course: Course, escalation: Escalation, decision: Decision) -> None:
    step_id, by = escalation.step, decision.by.name
    spec, state = course.state(step_id)
    openings.close(course, step_id, f"{by} rejected it.")
    result: dict[str, Json] = {"outcome": "rejected", "by": by, "reason": decision.reason}
    course.conclude(step_id, result, Standing.DECIDED)
    if spec.on_reject is OnReject.HALT:
        state.phase, state.ended_at = Phase.SKIPPED, course.now()
        state.message = f"Rejected by {by}"
        course.book.carrying[decision.decision_id] = "It was not executed, and the run ended."
        course.end(RunStatus.COMPLETED, f"{by} rejected “{escalation.row.title}”.")
        return
    course.book.carrying[decision.decision_id] = "It was not executed; the run goes on without it."
    state.turn += 1
    course.next_proposal(step_id)


def _answered(course: Course, escalation: Escalation, decision: Decision) -> None:
    state = course.book.steps[escalation.step]
    asked = state.question
    course.book.open.pop(escalation.step)
    course.restart(escalation.step, f"Answered by {decision.by.name}", decision.reason)
    if asked is not None:
        course.apply(escalation.step, {asked.key: _answer(escalation, decision)}, Standing.DECIDED)
    _answers(course, escalation.step, decision)


def _reroute(course: Course, escalation: Escalation, decision: Decision) -> None:
    target, step_id = _target(escalation, decision), escalation.step
    message = f"Rerouted to {target.label} by {decision.by.name}"
    course.book.usage = Usage() if escalation.row.kind is Kind.STUCK else course.book.usage
    if target.kind is TargetKind.AGENT:
        course.restart(step_id, message, decision.reason)
        course.book.steps[step_id].agent = target.target_id
        _answers(course, step_id, decision)
    else:
        course.send_back(step_id, target.target_id, message, decision.reason)
        _answers(course, target.target_id, decision)


def _retry(course: Course, escalation: Escalation, decision: Decision) -> None:
    step_id = escalation.step
    state = course.book.steps[step_id]
    if escalation.row.kind is Kind.STUCK:
        course.book.usage = Usage()
    if escalation.row.kind is Kind.FAILURE and state.after_failure is Phase.EXECUTE:
        course.book.open.pop(step_id)
        state.phase = Phase.EXECUTE
    else:
        note = " ".join(text for text in (escalation.failure, decision.reason) if text)
        course.restart(step_id, f"Retried by {decision.by.name}", note)
    _answers(course, escalation.step, decision)


def _skip(course: Course, escalation: Escalation, decision: Decision) -> None:
    step_id, by = escalation.step, decision.by.name
    spec, state = course.state(step_id)
    openings.close(course, step_id, f"{by} skipped the step.")
    course.drop_answers(state, f"{by} skipped the step.")
    course.conclude(step_id, {"outcome": "skipped", "by": by, "reason": decision.reason}, Standing.DECIDED)
    course.over(step_id, Phase.SKIPPED, f"“{spec.title}” was skipped by {by}.")
    course.book.carrying[decision.decision_id] = "The step was skipped; the run goes on without it."


def _cancel(course: Course, escalation: Escalation, decision: Decision) -> None:
    openings.close(course, escalation.step, f"{decision.by.name} cancelled the run.")
    course.end(
        RunStatus.CANCELLED, f"Cancelled by {decision.by.name}" + (f": {decision.reason}" if decision.reason else "")
    )
    course.book.carrying[decision.decision_id] = "The run has ended."


_APPLY: dict[Verdict, Applying] = {
    Verdict.APPROVE: _approve,
    Verdict.EDIT: _edit,
    Verdict.REJECT: _reject,
    Verdict.ANSWER: _answered,
    Verdict.REROUTE: _reroute,
    Verdict.RETRY: _retry,
    Verdict.SKIP: _skip,
    Verdict.CANCEL: _cancel,
    Verdict.WITHDRAW: _withdraw,
}


def _answers(course: Course, step_id: str, decision: Decision) -> None:
    """The step's next act carries the decision out."""
    state = course.book.steps[step_id]
    state.answering = (*state.answering, decision.decision_id)


def _with(proposals: tuple[Proposal, ...], turn: int, proposal: Proposal | None) -> tuple[Proposal, ...]:
    if proposal is None:
        return proposals
    return (*proposals[:turn], proposal, *proposals[turn + 1 :])
