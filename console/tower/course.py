"""The course of a run: what each outcome, effect and failure makes of the book. Pure; time comes in by a parameter.

Invariant: a step moves through its phases only here and in :mod:`console.tower.rulings`; whatever the next move needs
is in the book. Nothing here awaits, so a move is whole or not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.domain.canonical import Json
from console.domain.escalation import Escalation, Proposal
from console.domain.receipt import Effect
from console.domain.receipt import Outcome as Became
from console.domain.run import RunRef, RunStatus, Standing
from console.tower import access, budgets, calls, commands, leased, openings
from console.tower.book import Book, Phase, StepState
from console.tower.bounds import argument_errors, breaches
from console.tower.handoffs import offer, take_up
from console.tower.messages import AgentCall, ExecuteCall, FailureType, Outcome, Proposed, RunStart
from console.tower.plan import Plan, StepSpec, Then
from console.tower.policy import Weight, amount_of, weigh

FIRST_HOLD = timedelta(seconds=5)
LONGEST_HOLD = timedelta(minutes=5)
MAX_DOUBLINGS = 10
ACTING = frozenset({Phase.AGENT, Phase.LEASE, Phase.EXECUTE})


@dataclass(slots=True)
class Course:
    """A run under way: its argument, its book, its names, and the clock it goes by.

    ``command`` gives what a person may do to it at any time, by native id.
    """

    start: RunStart
    book: Book
    ref: RunRef
    execution_id: str
    now: Callable[[], datetime]
    command: Callable[[Course, str], Escalation | None] = commands.command

    @property
    def plan(self) -> Plan:
        """The plan that the run carries."""
        return self.start.plan

    def state(self, step_id: str) -> tuple[StepSpec, StepState]:
        """A step as planned and as it is."""
        return self.plan.step(step_id), self.book.steps[step_id]

    def ready(self) -> tuple[str, ...]:
        """The steps for which something can be done now; those whose turn has come start."""
        for step_id, state in self.book.steps.items():
            after = self.plan.step(step_id).after
            if state.phase is Phase.TODO and all(self.book.steps[one].phase.is_over for one in after):
                state.phase = Phase.AGENT
            elif state.phase is Phase.EXECUTE and leased.has_to_ask(self, step_id):
                leased.ask(self, step_id)
        return tuple(one for one, state in self.book.steps.items() if state.phase in ACTING and self._can_act(one))

    def _can_act(self, step_id: str) -> bool:
        return not leased.is_held_up(self, step_id)

    def carry_out(self) -> None:
        """Settle the decisions that the run itself has carried out, and end when nothing is left to do."""
        now = self.now()
        for decision_id, message in self.book.carrying.items():
            self.book.settle([decision_id], Became.CARRIED_OUT, now, message)
        self.book.carrying.clear()
        commands.prune(self)
        if self.book.ending is None and all(state.phase.is_over for state in self.book.steps.values()):
            self.end(RunStatus.COMPLETED, "All steps are done.")

    def end(self, status: RunStatus, message: str) -> None:
        """Take no further step. What waits is closed, visibly; what was approved and not done is superseded."""
        self.book.ending, self.book.ending_message, self.book.ended_at = status, message, self.now()
        for step_id, state in self.book.steps.items():
            openings.close(self, step_id, f"The run ended: {message}")
            state.held = ""
            if state.phase not in {Phase.EXECUTE, Phase.DONE, Phase.SKIPPED, Phase.FAILED}:
                self.drop_answers(state, f"The run ended first: {message}")
                state.phase, state.message = Phase.SKIPPED, state.message or message

    def wind_up(self) -> None:
        """After the end, when nothing runs any more: whatever was approved and had not begun is not done."""
        for state in self.book.steps.values():
            if not state.phase.is_over:
                self.drop_answers(state, f"The run ended first: {self.book.ending_message}")
                state.phase = Phase.SKIPPED
        self.carry_out()

    # An agent's turn

    def begin(self, step_id: str) -> AgentCall | None:
        """Set the step's agent to work; ``None`` where a budget is used up and a person is asked instead."""
        spec, state = self.state(step_id)
        is_new = state.failed_attempts == 0 and not state.held
        used_up = budgets.passed(self.plan.budgets, self.book.usage) if is_new else None
        if used_up:
            openings.stuck(self, step_id, used_up)
            return None
        if is_new:
            state.occurrence += 1
            self.book.usage.steps += 1
            state.started_at = state.started_at or self.now()
            self._hand_out(spec, state)
            offer(self.plan, self.book, step_id)
        answering, state.answering = state.answering, ()
        self.book.settle(answering, Became.CARRIED_OUT, self.now(), f"{state.agent} was set to work on {spec.title}.")
        state.attempts += 1
        return calls.agent_call(self, step_id)

    def took(self, step_id: str, outcome: Outcome) -> None:
        """Take an agent's outcome: findings into the state, then its question, return, doubt or proposals."""
        spec, state = self.state(step_id)
        self._count(outcome)
        access.note_trail(self.book, step_id, outcome.trail)
        if moved := self.book.record.moved(state.handed, outcome.relied_on):
            self._stale(step_id, moved)
            return
        state.failed_attempts, state.not_before, state.stale, state.note = 0, None, 0, ""
        state.held, state.holds = "", 0
        state.relied_on, state.confidence = outcome.relied_on, outcome.confidence
        state.caveats, state.open_questions, state.question = outcome.caveats, outcome.open_questions, outcome.question
        state.led_here = openings.excerpt(outcome)
        take_up(self.plan, self.book, step_id, outcome, self.now())
        is_low = outcome.confidence is not None and outcome.confidence < spec.floor
        if outcome.question is not None:
            openings.question(self, step_id, outcome.question)
        elif is_low and not outcome.proposals and not outcome.back_to:
            state.held_back = outcome.patch
            openings.doubt(self, step_id)
        else:
            self.apply(step_id, outcome.patch, Standing.UNCERTAIN if is_low else Standing.KNOWN)
            if outcome.back_to:
                self._back(step_id, outcome.back_to)
            else:
                self._propose(step_id, outcome.proposals)

    def failed(self, step_id: str, failure_type: str, message: str, trail: Sequence[Mapping[str, Json]] = ()) -> None:
        """Take a failed attempt, of the agent or of the tool: wait and try again, or what the failure policy says.

        ``trail`` is what the attempt recorded until it failed.
        """
        spec, state = self.state(step_id)
        self.book.moved_at = self.now()
        is_breached = access.note_trail(self.book, step_id, trail)
        policy = spec.failure
        if self.book.ending is not None:
            self._answer_failed(state, message)
            self.over(step_id, Phase.FAILED, message)
            return
        if failure_type == FailureType.LEASE_LOST:
            leased.lost(self, step_id)
            return
        if failure_type == FailureType.PAUSED:
            self._hold(step_id, message)
            return
        state.held, state.holds = "", 0
        if failure_type == FailureType.VIOLATION:
            self._answer_failed(state, message)
            self._violation(step_id, message, is_noted=is_breached)
            return
        state.failed_attempts += 1
        state.message = message
        if policy is not None and state.failed_attempts < policy.attempts:
            state.not_before = self.now() + timedelta(seconds=policy.wait_after(state.failed_attempts))
            return
        attempts, state.failed_attempts, state.not_before = state.failed_attempts, 0, None
        self._answer_failed(state, message)
        then = policy.then if policy is not None else Then.ESCALATE
        if then is Then.HALT:
            state.phase, state.ended_at = Phase.FAILED, self.now()
            self.end(RunStatus.FAILED, f"{spec.title} failed {attempts} times: {message}")
        elif then is Then.PROCEED:
            self.over(step_id, Phase.FAILED, f"Went on without “{spec.title}”, which failed: {message}")
        else:
            openings.failure(self, step_id, message, attempts)

    def _hold(self, step_id: str, message: str) -> None:
        """What the step would do is paused, so that nothing was done: it asks again, later each time."""
        state = self.book.steps[step_id]
        state.held, state.holds, state.is_acting = message, state.holds + 1, False
        for decision_id in state.answering:
            self.book.receipts[decision_id] = replace(self.book.receipts[decision_id], message=f"Held up: {message}")
        state.not_before = self.now() + min(LONGEST_HOLD, FIRST_HOLD * 2 ** min(state.holds - 1, MAX_DOUBLINGS))

    # A proposal's turn

    def next_proposal(self, step_id: str) -> None:
        """Go on to the step's next proposal: refuse, ask or execute it; without one the step is done."""
        spec, state = self.state(step_id)
        if state.turn >= len(state.proposals):
            self.over(step_id, Phase.DONE)
            return
        if moved := self.book.record.moved(state.handed, state.relied_on):
            self._drifted(step_id, moved)
            return
        proposal = state.proposals[state.turn]
        if found := self.out_of_bounds(step_id, proposal.tool, proposal.arguments):
            self._violation(step_id, found)
            return
        if leased.has_to_ask(self, step_id):
            leased.ask(self, step_id)
            return
        weight = self.weight(step_id, proposal)
        is_low = state.confidence is not None and state.confidence < spec.floor
        if is_low:
            openings.doubt(self, step_id, weight)
        elif weight.approvals or spec.gate is not None or state.overtaken:
            openings.checkpoint(self, step_id, weight)
        else:
            state.phase = Phase.EXECUTE

    def weight(self, step_id: str, proposal: Proposal) -> Weight:
        """What a proposal weighs by the plan's policy, for the agent that makes it."""
        state = self.book.steps[step_id]
        amount = amount_of(self.plan.tool(proposal.tool).amount, proposal.arguments)
        alone = self.plan.agent(state.agent).alone_up_to
        return weigh(self.plan.policy, proposal.tool, amount, is_reversible=proposal.is_reversible, alone_up_to=alone)

    def out_of_bounds(self, step_id: str, tool: str, arguments: dict[str, Json]) -> str:
        """Why the step's agent may not do this; nothing where it may."""
        spec, state = self.state(step_id)
        if tool not in spec.tools:
            return f"{spec.title} is not planned to use {tool}."
        tool_spec, agent = self.plan.tool(tool), self.plan.agent(state.agent)
        try:
            found = argument_errors(tool_spec, arguments)
            return " ".join(found or breaches(agent, tool_spec, arguments, self.start.parameters))
        except ValueError as error:
            return str(error)

    def may_act(self, step_id: str) -> bool:
        """Whether the proposal at hand still stands on the facts that it relied on; its branch is closed if not.

        What an attempt before may have done already is not given up: under its key it is done once.
        """
        state = self.book.steps[step_id]
        moved = self.book.record.moved(state.handed, state.relied_on)
        if state.is_acting or not moved:
            return True
        self._drifted(step_id, moved)
        return False

    def execution(self, step_id: str) -> ExecuteCall:
        """What the executor is asked to do for the step; the same again has the same idempotency key."""
        state = self.book.steps[step_id]
        state.attempts, state.is_acting = state.attempts + 1, True
        return calls.execute_call(self, step_id)

    def executed(self, step_id: str, effect: Effect) -> None:
        """Take what a tool has done: onto the receipts of all who approved it, and into the state."""
        state = self.book.steps[step_id]
        answering, state.answering, state.granted = state.answering, (), ()
        proposal = state.proposals[state.turn]
        self.book.settle(answering, Became.CARRIED_OUT, effect.at, proposal.summary, effect)
        access.note_effect(self.book, step_id, proposal.resource, effect.tool, effect.at)
        state.acted, state.is_acting = state.acted + 1, False
        state.failed_attempts, state.not_before, state.message = 0, None, ""
        state.held, state.holds = "", 0
        self.conclude(step_id, {"outcome": "done", "effect_id": effect.effect_id, **effect.result}, Standing.KNOWN)
        leased.done(self, step_id, proposal.summary)
        state.turn += 1
        if self.book.ending is None:
            self.next_proposal(step_id)
        else:
            self.over(step_id, Phase.DONE)

    # Moves that several of the above make

    def apply(self, step_id: str, patch: dict[str, Json], standing: Standing) -> None:
        """Set facts, and close what waits on facts that have moved by it: its agent works again on the new ones."""
        record, own = self.book.record, self.book.steps[step_id]
        record.apply(patch, by_step=step_id, at=self.now(), standing=standing)
        own.handed.update((key, record.revision_of(key)) for key in patch)
        self.book.moved_at = self.now()
        for other in tuple(self.book.open):
            state = self.book.steps[other]
            if other != step_id and (moved := record.moved(state.handed, state.relied_on)):
                self._drifted(other, moved)

    def conclude(self, step_id: str, result: dict[str, Json], standing: Standing) -> None:
        """Write what became of the step's proposal as the fact that the plan names for it."""
        self.apply(step_id, {self.plan.step(step_id).result or step_id: result}, standing)

    def over(self, step_id: str, phase: Phase, message: str = "") -> None:
        """The step is over. A message is a flag that travels on as a caveat."""
        state = self.book.steps[step_id]
        state.phase, state.ended_at, state.message = phase, self.now(), message
        self.book.moved_at = self.now()
        if message:
            state.caveats = (*state.caveats, message)

    def restart(self, step_id: str, message: str, note: str = "") -> None:
        """Close the branch, visibly, and set the step's agent to work again, under the next occurrence."""
        state = self.book.steps[step_id]
        openings.close(self, step_id, message)
        state.phase, state.ended_at, state.message, state.note = Phase.AGENT, None, message, note
        state.proposals, state.turn, state.acted, state.question, state.held_back = (), 0, 0, None, {}
        state.relied_on, state.failed_attempts, state.not_before, state.granted = (), 0, None, ()
        state.is_acting = False
        self.book.moved_at = self.now()

    def send_back(self, step_id: str, target: str, message: str, note: str = "") -> None:
        """Close the branch from ``target`` to this step and run it again from there."""
        for one in self.plan.between(target, step_id):
            self.restart(one, message, note if one == target else "")
            if one != target:
                self.book.steps[one].phase = Phase.TODO

    def drop_answers(self, state: StepState, message: str) -> None:
        """What was decided for this step's next act will not be done."""
        self.book.settle(state.answering, Became.SUPERSEDED, self.now(), message)
        state.answering = ()

    def carried(self, step_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Caveats and open questions of all steps before this one."""
        before = [self.book.steps[one] for one in self.plan.order() if one in self.plan.before(step_id)]
        return (
            tuple(dict.fromkeys(text for state in before for text in state.caveats)),
            tuple(dict.fromkeys(text for state in before for text in state.open_questions)),
        )

    def _hand_out(self, spec: StepSpec, state: StepState) -> None:
        facts = self.book.record.facts
        keys = [key for key in facts if not spec.reads or key in spec.reads]
        state.handed = {key: facts[key].revision for key in keys}

    def _count(self, outcome: Outcome) -> None:
        usage = self.book.usage
        usage.tokens, usage.cost = usage.tokens + outcome.tokens, usage.cost + outcome.cost
        self.book.tokens, self.book.cost = self.book.tokens + outcome.tokens, self.book.cost + outcome.cost
        for call in outcome.calls:
            usage.calls[call] = usage.calls.get(call, 0) + 1

    def _stale(self, step_id: str, moved: tuple[str, ...]) -> None:
        state = self.book.steps[step_id]
        state.stale += 1
        message = f"The state changed under it: {', '.join(moved)}"
        if state.stale == 1:
            self.restart(step_id, message)
        else:
            state.stale = 0
            openings.failure(self, step_id, message, 2)

    def _drifted(self, step_id: str, moved: tuple[str, ...]) -> None:
        """What the step found relies on facts that have moved: it works again, unless it has acted on them already."""
        state, names = self.book.steps[step_id], ", ".join(moved)
        done = f" after {state.acted} of {len(state.proposals)} were done" if state.acted else ""
        text = f"What this relied on has changed{done}: {names}"
        self.drop_answers(state, text)
        if not state.acted:
            self.restart(step_id, text)
            return
        openings.close(self, step_id, text)
        state.phase = Phase.AGENT
        openings.failure(self, step_id, text, 1)

    def _violation(self, step_id: str, message: str, *, is_noted: bool = False) -> None:
        """The agent left its bounds: note it, unless its desk did, and ask a person."""
        if not is_noted:
            state = self.book.steps[step_id]
            proposal = state.proposals[state.turn] if state.turn < len(state.proposals) else None
            tool, resource = (proposal.tool, proposal.resource) if proposal else ("", "")
            access.note_breach(self.book, step_id, message, tool, resource, self.now())
        openings.violation(self, step_id, message)

    def _back(self, step_id: str, target: str) -> None:
        spec = self.plan.step(step_id)
        if target not in spec.returns_to:
            self._violation(step_id, f"{spec.title} may not send work back to {target}.")
            return
        edge = f"{target} and {step_id}"
        self.book.usage.returns[edge] = self.book.usage.returns.get(edge, 0) + 1
        if used_up := budgets.returns_passed(self.plan.budgets, self.book.usage, edge):
            openings.stuck(self, step_id, used_up)
        else:
            self.send_back(step_id, target, f"Sent back by {spec.title}")

    def _propose(self, step_id: str, proposed: tuple[Proposed, ...]) -> None:
        state = self.book.steps[step_id]
        known = {tool.name for tool in self.plan.tools}
        for one in proposed:
            if one.tool not in known:
                self._violation(step_id, f"{state.agent} asks for {one.tool}, which the plan does not know.")
                return
        state.proposals, state.turn = tuple(calls.proposal(self.plan, one) for one in proposed), 0
        self.next_proposal(step_id)

    def _answer_failed(self, state: StepState, message: str) -> None:
        if state.phase is Phase.EXECUTE:
            self.book.settle(state.answering, Became.FAILED, self.now(), message)
            state.answering = ()
