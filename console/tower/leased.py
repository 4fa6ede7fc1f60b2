"""What leases make of a run: which steps want one, may act under it, and what its word makes of them. Pure.

Invariant: a step whose tool needs its resource for itself is executed under a granted lease on just that proposal, and
under no other. Whoever lost starts from new facts or not at all: no approval outlives a ruling against its run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.canonical import sha256_hex
from console.domain.escalation import Proposal, Side, TargetKind
from console.domain.run import RunStatus
from console.domain.run import Standing as Sure
from console.tower import openings
from console.tower.book import Phase, StepState
from console.tower.bounds import lease_of
from console.tower.lease_calls import GiveBack, News, Standing, Want
from console.tower.messages import NoteCall
from console.tower.plan import OnReject
from console.tower.policy import DECIDERS

if TYPE_CHECKING:
    from console.tower.course import Course

PROPOSING = frozenset({Phase.GATE, Phase.LEASE, Phase.EXECUTE})
HELD_UP = frozenset({Standing.QUEUED, Standing.CONTESTED})
OUT = frozenset({Standing.STOPPED, Standing.REROUTED})


def needed(course: Course, step_id: str) -> str:
    """What the step's proposal needs for itself, from when it is made until it is done or given up; mostly nothing."""
    proposal = _proposal(course.book.steps[step_id])
    if proposal is None:
        return ""
    return lease_of(course.plan.tool(proposal.tool), proposal.arguments)


def has_to_ask(course: Course, step_id: str) -> bool:
    """Whether the step has to ask for what it needs before it goes on."""
    lease = course.book.steps[step_id].lease
    if not needed(course, step_id):
        return False
    return lease is None or lease.ask_id != ask_id(course, step_id) or lease.standing is Standing.LOST


def can_execute(course: Course, step_id: str) -> bool:
    """Whether the step has for itself what it needs."""
    lease = course.book.steps[step_id].lease
    if not needed(course, step_id):
        return True
    return lease is not None and lease.ask_id == ask_id(course, step_id) and lease.standing is Standing.GRANTED


def is_held_up(course: Course, step_id: str) -> bool:
    """Whether the step could go on, were it not for another run."""
    phase = course.book.steps[step_id].phase
    if phase is Phase.LEASE:
        return not has_to_ask(course, step_id)
    return phase is Phase.EXECUTE and not can_execute(course, step_id) and not has_to_ask(course, step_id)


def contest(course: Course, step_id: str) -> str:
    """Who else wants what the step needs, in words, while that holds it up; mostly nothing."""
    lease = course.book.steps[step_id].lease
    return lease.text if lease is not None and lease.standing in HELD_UP else ""


def others(course: Course, step_id: str) -> tuple[str, ...]:
    """The run that wants the same, while that holds the step up."""
    lease = course.book.steps[step_id].lease
    return (lease.other,) if lease is not None and lease.standing in HELD_UP and lease.other else ()


def ask(course: Course, step_id: str) -> None:
    """The step asks before whatever it would do next."""
    state = course.book.steps[step_id]
    state.after_lease, state.phase = state.phase if state.phase is Phase.EXECUTE else Phase.GATE, Phase.LEASE


def ask_id(course: Course, step_id: str) -> str:
    """The name of the step's proposal as it is now: another one after an edit or another turn of its agent."""
    state = course.book.steps[step_id]
    proposal = _proposal(state)
    arguments = sha256_hex(proposal.arguments)[:8] if proposal is not None else ""
    return f"{step_id}.{state.occurrence}.{state.turn + 1}.{arguments}"


def want(course: Course, step_id: str) -> Want:
    """What the step asks the lease, with all that a person has to see of it in a conflict."""
    spec, state = course.state(step_id)
    proposal = state.proposals[state.turn]
    weight = course.weight(step_id, proposal)
    carried, _ = course.carried(step_id)
    side = Side(
        run=course.ref,
        title=course.start.title[: openings.MAX_TITLE],
        workflow=course.plan.name,
        agent=state.agent,
        owner=course.plan.agent(state.agent).owner,
        step=step_id,
        proposal=replace(proposal, schema={}),
        at=course.now(),
        risk=weight.risk,
        business_key=course.start.business_key[: openings.MAX_TITLE],
        confidence=state.confidence,
        caveats=tuple(dict.fromkeys((*carried, *state.caveats))),
        revision=course.book.record.revision,
        targets=tuple(target for target in spec.reroute if target.target_id != state.agent),
    )
    return Want(
        resource=needed(course, step_id),
        ask_id=ask_id(course, step_id),
        side=side,
        due_minutes=course.plan.policy.due_minutes[int(weight.risk) - 1],
        roles=weight.roles if weight.approvals else DECIDERS,
    )


def answered(course: Course, step_id: str, news: News) -> None:
    """Take the lease's answer; what is no longer wanted by then is given back."""
    state = course.book.steps[step_id]
    if state.phase is not Phase.LEASE or news.ask_id != ask_id(course, step_id):
        course.book.given_back.append(_give_back(course, news))
        return
    _take(course, step_id, news)


def hear(course: Course, busy: Collection[str]) -> None:
    """Take what leases have told since, of steps that are not ``busy`` acting: what those do counts first."""
    waiting, course.book.news = course.book.news, []
    for news in waiting:
        state = course.book.steps.get(news.step)
        if state is None or course.book.ending is not None:
            continue
        if news.step in busy:
            course.book.news.append(news)
        elif state.lease is not None and state.lease.ask_id == news.ask_id and news.number > state.lease.number:
            _take(course, news.step, news)


def lost(course: Course, step_id: str) -> None:
    """The executor refused the step's token: the lease is asked how it stands, unless it has told already."""
    state = course.book.steps[step_id]
    if state.lease is not None and state.lease.standing is Standing.GRANTED:
        state.lease = replace(state.lease, standing=Standing.LOST)
    state.is_acting = False


def done(course: Course, step_id: str, what: str) -> None:
    """The step has done what it needed the lease for; the next one in turn is to know what."""
    state = course.book.steps[step_id]
    lease, state.lease, state.overtaken = state.lease, None, ""
    if lease is not None:
        course.book.given_back.append(_give_back(course, lease, f"{course.start.title}: {what}"))


def let_go(course: Course) -> None:
    """Give back what no proposal needs any more."""
    for step_id, state in course.book.steps.items():
        lease = state.lease
        is_proposing = state.phase in PROPOSING and course.book.ending is None
        if lease is not None and not (is_proposing and needed(course, step_id) == lease.resource):
            state.lease = None
            if lease.standing not in OUT:
                course.book.given_back.append(_give_back(course, lease))


def _proposal(state: StepState) -> Proposal | None:
    return state.proposals[state.turn] if state.turn < len(state.proposals) else None


def _give_back(course: Course, news: News, what: str = "") -> GiveBack:
    who = f"{course.ref.run_id}/{course.ref.chain_id}/{news.step}"
    return GiveBack(resource=news.resource, who=who, ask_id=news.ask_id, done=what)


def _take(course: Course, step_id: str, news: News) -> None:
    state = course.book.steps[step_id]
    state.lease = news
    course.book.moved_at = course.now()
    if news.standing in OUT or news.standing is Standing.WAITS:
        _note(course, step_id, news)
        _LOSING[news.standing](course, step_id, news)
    elif news.standing is Standing.GRANTED and news.after:
        # Somebody else has acted on it meanwhile, so what was proposed rests on what is no longer so.
        state.overtaken = f"Meanwhile another run acted on {news.resource}: {news.after}"
        course.drop_answers(state, state.overtaken)
        course.restart(step_id, state.overtaken, state.overtaken)
    else:
        state.message = news.text if news.standing in HELD_UP else ""
        if state.phase is Phase.LEASE:
            _go_on(course, step_id)
        _mark(course, step_id)


def _go_on(course: Course, step_id: str) -> None:
    state = course.book.steps[step_id]
    if state.after_lease is Phase.EXECUTE:
        state.phase = Phase.EXECUTE
    else:
        course.next_proposal(step_id)


def _mark(course: Course, step_id: str) -> None:
    """Say on what waits at the step who else wants the same; that is not part of what is signed."""
    if escalation := course.book.open.get(step_id):
        blast = replace(escalation.blast, runs=others(course, step_id))
        course.book.open[step_id] = replace(escalation, contest=contest(course, step_id), blast=blast)


def _wait(course: Course, step_id: str, news: News) -> None:
    state = course.book.steps[step_id]
    _give_up(course, step_id, news)
    state.phase, state.after_lease, state.message = Phase.LEASE, Phase.GATE, f"Waits its turn: {news.text}"


def _stop(course: Course, step_id: str, news: News) -> None:
    spec, state = course.state(step_id)
    _give_up(course, step_id, news)
    result = {"outcome": "stopped", "by": news.by, "reason": news.text}
    course.conclude(step_id, {**result}, Sure.DECIDED)
    if spec.on_reject is OnReject.HALT:
        state.phase, state.ended_at, state.message = Phase.SKIPPED, course.now(), news.text
        course.end(RunStatus.COMPLETED, news.text)
        return
    state.turn += 1
    state.caveats = (*state.caveats, news.text)
    course.next_proposal(step_id)


def _reroute(course: Course, step_id: str, news: News) -> None:
    _give_up(course, step_id, news)
    message = f"{news.text} Rerouted to {news.to.label}." if news.to is not None else news.text
    if news.to is None or news.to.kind is TargetKind.AGENT:
        course.restart(step_id, message, message)
        state = course.book.steps[step_id]
        state.agent = news.to.target_id if news.to is not None else state.agent
    else:
        course.send_back(step_id, news.to.target_id, message, message)


_LOSING = {Standing.WAITS: _wait, Standing.STOPPED: _stop, Standing.REROUTED: _reroute}


def _give_up(course: Course, step_id: str, news: News) -> None:
    """What was approved of this proposal is not done."""
    state = course.book.steps[step_id]
    openings.close(course, step_id, news.text)
    course.drop_answers(state, news.text)
    state.granted = ()


def _note(course: Course, step_id: str, news: News) -> None:
    titles = {
        Standing.WAITS: "Lost a conflict, and waits its turn",
        Standing.STOPPED: "Lost a conflict, and stops",
        Standing.REROUTED: "Lost a conflict, and is rerouted",
    }
    occurrence = course.book.steps[step_id].occurrence
    course.book.notes.append(
        NoteCall(step=step_id, occurrence=occurrence, at=course.now(), title=titles[news.standing], text=news.text)
    )
