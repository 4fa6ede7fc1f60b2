"""The control: one workflow that holds what is paused in a namespace, be it a run, a plan, an agent or everything.

People pause and resume by the same decisions as everywhere; a pause waits, as an item, until somebody resumes it.
Workers ask before every effect and every agent's turn, and do nothing where it does not answer; signals to runs are
for showing, and so that they need not wait long. Invariants: a scope is paused from the moment its decision is
accepted; what was in flight then is named on its receipt, not stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

with workflow.unsafe.imports_passed_through():
    from pydantic import TypeAdapter

    from console.domain.decision import Decision
    from console.domain.escalation import Escalation, Kind, Verdict
    from console.domain.identity import Role
    from console.domain.pauses import Scope, scope_of
    from console.domain.receipt import Outcome, Receipt
    from console.domain.risk import Risk
    from console.domain.run import RunRef
    from console.tower import commands, openings, publishing, rulings, views, wire
    from console.tower.answering import typed
    from console.tower.book import Book
    from console.tower.control_calls import (
        IN_FLIGHT_ACTIVITY,
        ControlStart,
        Held,
        Pause,
        Standing,
    )
    from console.tower.course import Course
    from console.tower.decided import Decided
    from console.tower.messages import IDENTIFY_ACTIVITY, RunStart
    from console.tower.plan import Plan
    from console.tower.policy import Policy

NAME = "control"
OWNER = "Whoever runs the tower"
QUICKLY = timedelta(seconds=10)
LIST_WITHIN = timedelta(seconds=30)
MAX_HELD = 1_000
MAX_NAME = 200
KEPT_RECEIPTS = 500
KEPT_REFUSALS = timedelta(days=1)
PLAN = Plan(name=NAME, version=1, owner=OWNER, agents=(), tools=(), steps=(), policy=Policy(clauses=()))
RISKS = {Scope.RUN: Risk.LOW, Scope.PLAN: Risk.MEDIUM, Scope.AGENT: Risk.MEDIUM, Scope.ALL: Risk.HIGH}
WORDS = {Scope.RUN: "run {}", Scope.PLAN: "plan {}", Scope.AGENT: "agent {}", Scope.ALL: "everything"}


@dataclass(slots=True)
class Standings:
    """What the control knows. ``pauses`` and ``held`` (ids of runs) are keyed by native id.

    ``listing`` are decisions whose receipts do not say yet what was in flight, each with its scope; ``telling`` is what
    runs are to be told.
    """

    book: Book
    pauses: dict[str, Pause] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    listing: dict[str, str] = field(default_factory=dict)
    telling: list[tuple[str, Standing]] = field(default_factory=list)


STANDINGS: TypeAdapter[Standings] = TypeAdapter(Standings)


@workflow.defn(name=wire.CONTROL_WORKFLOW)
class ClearanceControl(Decided):
    """One execution of the control's chain; it never ends by itself."""

    @workflow.init
    def __init__(self, start: ControlStart) -> None:
        info = workflow.info()
        fresh = Standings(Book("", workflow.now(), workflow.now()))
        self._standings = STANDINGS.validate_python(start.carried) if start.carried else fresh
        book = self._standings.book
        named = RunStart(plan=PLAN, title="What is paused", business_key="", started_by="")
        ref = RunRef(book.server, info.workflow_id, info.first_execution_run_id)
        self._course = Course(named, book, ref, info.run_id, workflow.now, self._command)
        self._published: dict[str, Any] = {}
        self._has_moved = False
        self._updates = 0

    @workflow.run
    async def run(self, start: ControlStart) -> None:
        """Hold what is paused; go on as a new execution when the history has grown long."""
        if not start.carried:
            book = self._course.book
            book.server = await workflow.execute_local_activity(
                IDENTIFY_ACTIVITY, result_type=str, start_to_close_timeout=QUICKLY
            )
            self._course.ref = replace(self._course.ref, server=book.server)
        while not self._is_full():
            self._has_moved = False
            self._forget()
            self._publish()
            await self._tell()
            await self._list()
            self._publish()
            await workflow.wait_condition(lambda: self._has_moved or self._is_full())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(ControlStart(carried=STANDINGS.dump_python(self._standings, mode="json")))

    @workflow.signal(name=wire.SIGNAL_HELD)
    def held(self, held: Held) -> None:
        """A run cannot go on; it is told when what holds it is resumed."""
        runs = self._standings.held.setdefault(held.native_id, [])
        if held.native_id not in self._standings.pauses:
            self._standings.held.pop(held.native_id)
            self._standings.telling.append((held.run_id, Standing(native_id=held.native_id)))
            self._has_moved = True
        elif held.run_id not in runs and len(runs) < MAX_HELD:
            runs.append(held.run_id)

    @workflow.query(name=wire.QUERY_PAUSES)
    def pauses(self) -> list[Pause]:
        """Everything that is paused."""
        return list(self._standings.pauses.values())

    @workflow.query(name=wire.QUERY_COMMANDS)
    def commands(self, request: wire.CommandsRequest) -> wire.EscalationsReply:
        """Of the scopes that are asked for, how each can be paused, or resumed."""
        return typed(lambda: views.commands(self._course, request.native_ids or [Scope.ALL.native_id()]))

    def take(self, decision: Decision) -> Receipt:
        """Pause or resume, once."""
        return rulings.decide(self._course, decision, self._apply)

    def _command(self, course: Course, native_id: str) -> Escalation | None:
        """Pausing a scope, or resuming it while it is paused."""
        if kept := course.book.interventions.get(native_id):
            return kept
        try:
            scope, name = scope_of(native_id)
        except ValueError:
            return None
        return commands.item(course, _pausing(scope, name)) if len(name) <= MAX_NAME else None

    def _apply(self, course: Course, escalation: Escalation, decision: Decision) -> None:
        native_id = escalation.key.native_id
        scope, name = scope_of(native_id)
        commands.taken(course, escalation)
        if decision.verdict is Verdict.RESUME:
            del self._standings.pauses[native_id]
            word = Standing(native_id=native_id)
            runs = self._standings.held.pop(native_id, [])
            course.book.carrying[decision.decision_id] = (
                f"{_named(scope, name)} goes on, but for what is paused by itself."
            )
        else:
            because = f": {decision.reason}" if decision.reason else ""
            what = _named(scope, name)
            text = f"{what} was paused by {decision.by.name} at {course.now():%H:%M} UTC{because}"
            self._standings.pauses[native_id] = Pause(native_id=native_id, text=text, at=course.now())
            self._standings.listing[decision.decision_id] = native_id
            course.book.put(self._paused(scope, name, text))
            word, runs = Standing(native_id=native_id, text=text), []
        if scope is Scope.RUN:
            runs = [*runs, name]
        self._standings.telling += [(run_id, word) for run_id in dict.fromkeys(runs)]

    def _paused(self, scope: Scope, name: str, text: str) -> Escalation:
        """The item that waits until somebody resumes it."""
        made = commands.item(self._course, replace(_pausing(scope, name), **_resuming(scope, name, text)))
        now = self._course.now()
        row = replace(made.row, kind=Kind.INTERVENTION, opened_at=now)
        return replace(made, row=row)

    async def _list(self) -> None:
        """Say on the receipts of pauses what was in flight, and carry out the rest."""
        while self._standings.listing:
            decision_id, native_id = next(iter(self._standings.listing.items()))
            try:
                flying = await workflow.execute_activity(
                    IN_FLIGHT_ACTIVITY, native_id, result_type=list[str], schedule_to_close_timeout=LIST_WITHIN
                )
                text = f"In flight, and not stopped: {', '.join(flying)}." if flying else "Nothing was in flight."
            except ActivityError:
                text = "What was in flight could not be listed."
            del self._standings.listing[decision_id]
            self._course.book.settle([decision_id], Outcome.CARRIED_OUT, workflow.now(), f"Paused. {text}")
        carrying = self._course.book.carrying
        for decision_id in tuple(carrying):
            message = carrying.pop(decision_id)
            self._course.book.settle([decision_id], Outcome.CARRIED_OUT, workflow.now(), message)

    async def _tell(self) -> None:
        """Tell runs how they stand; one that has ended need not know."""
        while self._standings.telling:
            run_id, word = self._standings.telling.pop(0)
            try:
                await workflow.get_external_workflow_handle(run_id).signal(wire.SIGNAL_CONTROL, word)
            except FailureError:
                workflow.logger.info("There is no run %s to tell what is paused.", run_id)

    def _forget(self) -> None:
        """Keep the newest receipts, of this long life, and no refusal from before yesterday."""
        book, since = self._course.book, workflow.now() - KEPT_REFUSALS
        settled = [one.decision_id for one in book.receipts.values() if one.settled_at is not None]
        _drop(book.receipts, settled[: max(0, len(book.receipts) - KEPT_RECEIPTS)])
        _drop(book.refusals, [one.decision_id for one in book.refusals.values() if one.at < since])

    def _is_full(self) -> bool:
        return self._updates >= wire.CONTINUE_AFTER_UPDATES or workflow.info().is_continue_as_new_suggested()

    def _publish(self) -> None:
        """Be found as a run is, from the first pause on."""
        if self._course.book.taken:
            self._published = publishing.publish(self._course, self._published)


def _pausing(scope: Scope, name: str) -> commands.Command:
    what = _named(scope, name)
    return commands.Command(
        native_id=scope.native_id(name),
        verdict=Verdict.PAUSE,
        title=f"Pause {what[0].lower()}{what[1:]}",
        text="No effect is carried out and no agent set to work until somebody resumes it. "
        "What is in flight ends; people may decide meanwhile.",
        risk=RISKS[scope],
        covers={"scope": str(scope), "name": name},
        resource=f"{scope}s/{name}" if name else str(scope),
        workflow=name if scope is Scope.PLAN else NAME,
        agent=name if scope is Scope.AGENT else "",
    )


def _resuming(scope: Scope, name: str, text: str) -> dict[str, Any]:
    """What is different where it is paused: anybody on duty may stop, and more than one run goes on by a supervisor."""
    return {
        "verdict": Verdict.RESUME,
        "title": f"Paused: {WORDS[scope].format(name)}",
        "text": text,
        "roles": openings.UNSTICKERS if scope is Scope.RUN else (Role.SUPERVISOR,),
    }


def _named(scope: Scope, name: str) -> str:
    words = WORDS[scope].format(name)
    return words[0].upper() + words[1:]


def _drop(kept: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        del kept[name]
