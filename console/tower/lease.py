"""The lease on one resource: an entity workflow that gives it to one run at a time, and hosts the conflict over it.

Runs ask by update-with-start and give back by signal; the lease answers the update, and tells what changes later by
signal. Invariants: a token is given out only when every lower one is out of date in the executor's own table, so that
whoever held it before cannot act, however late; while a conflict is open that holds for both sides. Whether a holder
still runs is asked of the server, not guessed from its silence. A lease nobody wants ends; its counter stays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from console.domain.decision import Decision
    from console.domain.escalation import Escalation
    from console.domain.receipt import Outcome, Receipt
    from console.domain.run import RunRef, RunStatus
    from console.tower import openings, publishing, rivals, rulings, wire
    from console.tower.answering import typed
    from console.tower.book import Book, Phase, StepState
    from console.tower.course import Course
    from console.tower.decided import Decided
    from console.tower.lease_calls import (
        FENCE_ACTIVITY,
        STILL_RUNS_ACTIVITY,
        GiveBack,
        LeaseStart,
        News,
        Standing,
        Want,
    )
    from console.tower.messages import IDENTIFY_ACTIVITY, RunNames, RunStart
    from console.tower.plan import AgentSpec, FailurePolicy, Plan, StepSpec
    from console.tower.policy import Policy
    from console.tower.rivals import CONFLICT, REGISTER, REROUTE, STOP, Register, Ruling

LINGER = timedelta(seconds=5)
FIRST_LOOK = timedelta(seconds=5)
LONGEST_LOOK = timedelta(minutes=1)
QUICKLY = timedelta(seconds=10)
NAME = "lease"
OWNER = "Whoever runs the tower"
GONE = "Gone"
DUE_ANEW = "due-anew"
PLAN = Plan(
    name=NAME,
    version=1,
    owner=OWNER,
    agents=(AgentSpec(name=NAME, owner=OWNER),),
    tools=(),
    steps=(
        StepSpec(
            step_id=CONFLICT,
            title="Two runs want one resource",
            agent=NAME,
            time_limit=QUICKLY.total_seconds(),
            failure=FailurePolicy(),
        ),
    ),
    policy=Policy(clauses=()),
)


@workflow.defn(name=wire.LEASE_WORKFLOW)
class ClearanceLease(Decided):
    """One execution of a lease's chain."""

    @workflow.init
    def __init__(self, start: LeaseStart) -> None:
        info = workflow.info()
        if start.carried:
            self._register = REGISTER.validate_python(start.carried)
        else:
            book = Book("", workflow.now(), workflow.now(), steps={CONFLICT: StepState(agent=NAME)})
            self._register = Register(start.resource, book)
        book = self._register.book
        named = RunStart(plan=PLAN, title=f"Lease on {start.resource}", business_key=start.resource, started_by="")
        ref = RunRef(book.server, info.workflow_id, info.first_execution_run_id)
        self._course = Course(named, book, ref, info.run_id, workflow.now)
        self._published: dict[str, Any] = {}
        self._asking: set[str] = set()
        self._has_moved = False
        self._updates = 0
        self._looked_at = workflow.now()

    @workflow.run
    async def run(self, start: LeaseStart) -> None:
        """Give the resource out until nobody wants it."""
        if not start.carried:
            await self._open()
        patience = FIRST_LOOK
        while True:
            self._has_moved = False
            self._keep_due()
            await self._settle()
            self._publish()
            if self._register.is_idle and await self._stays_idle():
                break
            if self._is_full():
                await workflow.wait_condition(workflow.all_handlers_finished)
                await self._settle()
                workflow.continue_as_new(replace(start, carried=REGISTER.dump_python(self._register, mode="json")))
            try:
                await workflow.wait_condition(lambda: self._has_moved, timeout=patience)
                patience = FIRST_LOOK
            except TimeoutError:
                patience = min(2 * patience, LONGEST_LOOK)
                await self._look()
        self._course.end(RunStatus.COMPLETED, f"Nobody wants {start.resource} any more.")
        self._publish()

    @workflow.update(name=wire.UPDATE_WANT)
    async def want(self, want: Want) -> News:
        """A run wants the resource; how it stands with it."""
        self._updates += 1
        self._has_moved = True
        typed(lambda: self._register.put(want))
        self._asking.add(want.who)
        try:
            await workflow.wait_condition(lambda: self._is_answered(want))
        finally:
            self._asking.discard(want.who)
        one = self._register.rivals.get(want.who)
        if one is None or one.news is None or one.news.ask_id != want.ask_id:
            raise ApplicationError("It asked for something else meanwhile.", type=GONE, non_retryable=True)
        return one.news

    @workflow.signal(name=wire.SIGNAL_GIVE_BACK)
    def give_back(self, given: GiveBack) -> None:
        """A run needs it no longer."""
        self._has_moved = True
        one = self._register.rivals.get(given.who)
        if one is not None and one.want.ask_id == given.ask_id:
            self._register.leave(given.who, given.done)

    async def _open(self) -> None:
        server = await workflow.execute_local_activity(
            IDENTIFY_ACTIVITY, result_type=str, start_to_close_timeout=QUICKLY
        )
        course = self._course
        course.book.server = server
        course.ref = RunRef(server, course.ref.run_id, course.ref.chain_id)

    def _keep_due(self) -> None:
        """Let time in which no worker ran not count. While one runs, this is called at least every LONGEST_LOOK."""
        since, self._looked_at = self._looked_at, workflow.now()
        if self._register.is_contested and rivals.is_due_anew(self._course, since) and workflow.patched(DUE_ANEW):
            rivals.due_anew(self._course, self._register)

    async def _stays_idle(self) -> bool:
        """Linger, so that the next one finds it warm; whether nobody came, and nobody is still being answered."""
        try:
            await workflow.wait_condition(lambda: self._has_moved, timeout=LINGER)
        except TimeoutError:
            await workflow.wait_condition(workflow.all_handlers_finished)
        return self._register.is_idle and not self._has_moved

    async def _settle(self) -> None:
        """Do what is to be done until everybody knows how they stand."""
        register = self._register
        while True:
            if register.ruling is not None:
                await self._carry_out(register.ruling)
            elif CONFLICT in self._course.book.open and not register.is_contested:
                self._close("One of both needs it no longer, or wants something else.")
            elif who := register.next_rival():
                await self._contest(who)
            elif who := register.to_grant():
                await self._grant(who)
            elif who := register.to_queue():
                ahead = register.name(register.holder)
                await self._tell(
                    register.say(who, Standing.QUEUED, text=f"{ahead} has {register.resource} first."), who
                )
            else:
                return

    async def _grant(self, who: str) -> None:
        register = self._register
        register.holder = who
        token = await self._fence()
        if register.holder == who and who in register.rivals and not register.is_contested:
            await self._tell(register.say(who, Standing.GRANTED, token=token), who)

    async def _contest(self, who: str) -> None:
        """Two runs want it: from here on neither can act, and a person is asked."""
        register = self._register
        holder = register.holder
        if not await self._still_runs(holder):
            register.leave(holder)
            return
        register.rival = who
        await self._fence()
        if (register.holder, register.rival) != (holder, who):
            return
        rivals.open_conflict(self._course, register)
        self._course.book.steps[CONFLICT].phase = Phase.GATE
        for one, other in ((holder, who), (who, holder)):
            text = f"{register.name(other)} wants {register.resource} as well; neither acts until a person decides."
            await self._tell(register.say(one, Standing.CONTESTED, text=text, other=register.name(other)), one)

    def take(self, decision: Decision) -> Receipt:
        """Take a person's ruling on the conflict once."""
        course = self._course

        def apply(_: Course, escalation: Escalation, __: Decision) -> None:
            course.book.open.pop(escalation.step)
            self._register.ruling = said
            course.book.steps[CONFLICT].phase = Phase.TODO

        if rulings.known_receipt(course, decision) is not None:
            return rulings.decide(course, decision)
        said = rivals.ruling(self._register, rulings.check(course, decision), decision)
        return rulings.decide(course, decision, apply)

    async def _carry_out(self, ruling: Ruling) -> None:
        """Make of both sides what was decided, and say so on the receipt."""
        register, book = self._register, self._course.book
        both = [who for who in (register.holder, register.rival) if who in register.rivals]
        winner = ruling.winner if ruling.winner in both else ""
        register.ruling, register.rival = None, ""
        if winner:
            register.first(winner)
        else:
            register.holder = ""
        told = [f"{register.name(winner)} goes first"] if winner else []
        is_moot = bool(ruling.winner) and not winner
        for loser in both:
            if is_moot:
                register.rivals[loser].news = None
            elif loser != winner:
                told.append(await self._lose(loser, winner, ruling))
        message = f"{'; '.join(told)}." if not is_moot else f"{register.name(ruling.winner)} had given it up by then."
        book.settle([ruling.decision_id], Outcome.CARRIED_OUT, workflow.now(), message)
        book.moved_at = workflow.now()

    async def _lose(self, loser: str, winner: str, ruling: Ruling) -> str:
        """Tell a side that it lost; what becomes of it, in words."""
        register = self._register
        name, first = register.name(loser), register.name(winner) if winner else ""
        standing = {STOP: Standing.STOPPED, REROUTE: Standing.REROUTED}.get(ruling.fate, Standing.WAITS)
        because = f"{ruling.by} let {first} go first on {register.resource}" if first else ""
        because = because or f"{ruling.by} let neither run act on {register.resource}"
        news = register.say(loser, standing, text=f"{because}.", other=first, by=ruling.by, to=ruling.to)
        await self._tell(news, loser)
        if standing is not Standing.WAITS:
            register.leave(loser)
        if winner and loser not in register.lost:
            register.lose(loser, winner)
        if ruling.to is not None:
            return f"{name} is rerouted to {ruling.to.label}"
        return f"{name} waits" if standing is Standing.WAITS else f"{name} stops"

    def _close(self, text: str) -> None:
        """The conflict is over without anybody having decided."""
        openings.close(self._course, CONFLICT, text)
        self._course.book.steps[CONFLICT].phase = Phase.TODO
        for one in self._register.rivals.values():
            if one.news is not None and one.news.standing is Standing.CONTESTED:
                one.news = None

    async def _tell(self, news: News, who: str) -> None:
        """Tell a run how it stands, unless it is asking just now and hears it anyway. One that is gone leaves."""
        if who in self._asking and news.standing in {Standing.GRANTED, Standing.QUEUED, Standing.CONTESTED}:
            return
        one = self._register.rivals.get(who)
        if one is None:
            return
        try:
            run = workflow.get_external_workflow_handle(one.want.side.run.run_id)
            await run.signal(wire.SIGNAL_LEASE, news)
        except FailureError:
            self._register.leave(who)

    async def _look(self) -> None:
        """Ask whether those who hold it up still run."""
        for who in (self._register.holder, self._register.rival):
            if who in self._register.rivals and not await self._still_runs(who):
                self._register.leave(who)

    async def _still_runs(self, who: str) -> bool:
        run = self._register.rivals[who].want.side.run
        still_runs: bool = await workflow.execute_local_activity(
            STILL_RUNS_ACTIVITY,
            RunNames(run.run_id, run.chain_id),
            result_type=bool,
            start_to_close_timeout=QUICKLY,
        )
        return still_runs

    async def _fence(self) -> int:
        """A token above all that were given out: whoever has a lower one can no longer act."""
        token: int = await workflow.execute_local_activity(
            FENCE_ACTIVITY, self._register.resource, result_type=int, start_to_close_timeout=QUICKLY
        )
        return token

    def _is_answered(self, want: Want) -> bool:
        one = self._register.rivals.get(want.who)
        return one is None or one.want.ask_id != want.ask_id or one.news is not None

    def _is_full(self) -> bool:
        return self._updates >= wire.CONTINUE_AFTER_UPDATES or workflow.info().is_continue_as_new_suggested()

    def _publish(self) -> None:
        """Be found as a run is, from the first conflict on."""
        if self._course.book.steps[CONFLICT].openings:
            self._published = publishing.publish(self._course, self._published)
