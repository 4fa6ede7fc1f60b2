"""The rules of the port, each one a test in plain words, for every engine.

An engine takes part with a :class:`Bench`: a running orchestrator with two desks connected to it, and a script that
opens, changes and closes what waits there, breaks the line, and counts what was applied. A rule is a coroutine over a
bench that fails with ``AssertionError``; ``RULES`` has them all by name. The suite is itself tested in
``test_mutants.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from console.domain.canonical import Json
from console.domain.decision import Decision, DecisionState
from console.domain.digest import escalation_digest
from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import INTERVENING, Comment, Escalation, EscalationKey, Kind, Verdict
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunRow
from console.domain.precedent import Likeness, Precedent, likeness
from console.domain.receipt import Outcome, Receipt, mismatches
from console.domain.risk import Risk
from console.domain.rules import EXECUTING
from console.domain.run import Access, RunRef, RunStatus, TrailEntry
from console.engines.port import Ability, Change, Engine, RunWaits
from tests.signing import ANNA, signed
from tests.signing import BENNO as BEN

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

REASON = "as agreed on the phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the script is to open: something that offers ``verdict``."""

    verdict: Verdict = Verdict.APPROVE
    risk: Risk = Risk.MEDIUM
    required_approvals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One decision as the run took it. ``arguments`` are what a tool was called with, ``None`` where none was."""

    decision_id: str
    verdict: Verdict
    payload: dict[str, Json]
    arguments: dict[str, Json] | None = None


class Bench(Protocol):
    """A running orchestrator under script. ``patience`` (s) bounds how long a rule waits for what must come."""

    patience: float

    @property
    def desk(self) -> Engine:
        """The connection under test."""

    @property
    def other_desk(self) -> Engine:
        """Another connection to the same orchestrator, over a line of its own."""

    async def open(self, ask: Ask) -> EscalationKey:
        """Start a run that waits as asked."""

    async def contend(self) -> EscalationKey:
        """Start two runs that want one resource, and wait until a person is asked which goes first."""

    async def change(self, key: EscalationKey) -> EscalationKey:
        """Let what is proposed change while it waits; what it is called then, where what changed opens anew."""

    async def reopen(self, key: EscalationKey) -> EscalationKey:
        """Let the wait end and open again under the same native id."""

    async def payload(self, key: EscalationKey, verdict: Verdict, /) -> dict[str, Json]:
        """What a sound decision with this verdict on this item has to say."""

    async def lose_next_reply(self) -> None:
        """Let the next delivery of ``desk`` arrive and its answer be lost."""

    async def lose_next_request(self) -> None:
        """Let the next delivery of ``desk`` be lost before it arrives."""

    async def mend(self) -> None:
        """After a loss: let everything pass again."""

    async def go_away(self) -> None:
        """Let nothing be reached at the address any more."""

    async def restart(self) -> None:
        """Stop the orchestrator and start it again with its data."""

    async def finish(self, key: EscalationKey) -> None:
        """Let the run come to its end, where what was decided of it does not bring it there."""

    async def arrivals(self, key: EscalationKey) -> list[Arrival]:
        """Every decision on this item that came to the run, refused ones included where the engine keeps them."""

    async def applied(self, key: EscalationKey) -> list[Arrival]:
        """Every decision on this item that took effect, in order."""


Rule = Callable[[Bench], Awaitable[None]]
RULES: dict[str, Rule] = {}
_ids = itertools.count(1)


def rule(function: Rule) -> Rule:
    """Enter a rule into the suite under its name."""
    RULES[getattr(function, "__name__", "")] = function
    return function


async def decision(
    bench: Bench,
    key: EscalationKey,
    verdict: Verdict = Verdict.APPROVE,
    *,
    by: Person = ANNA,
    desk: Engine | None = None,
) -> Decision:
    """A sound decision on what the desk shows now."""
    shown = await (desk or bench.desk).escalation(key)
    now = datetime.now(UTC)
    made = Decision(
        decision_id=f"decision-{now:%H%M%S%f}-{next(_ids)}",
        key=key,
        opened_in=shown.opened_in,
        digest=escalation_digest(shown),
        verdict=verdict,
        payload={"reason": REASON} | await bench.payload(key, verdict),
        by=by,
        key_id="",
        signed_at=now,
        valid_until=now + timedelta(minutes=10),
        audit_head="0" * 64,
    )
    return signed(made)


async def until(bench: Bench, found: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Ask again and again until something is found; fails when the bench's patience is over."""
    deadline = asyncio.get_running_loop().time() + bench.patience
    while True:
        got = await found()
        if got:
            return got
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what}: not within {bench.patience} s")
        await asyncio.sleep(0.05)


async def listed(desk: Engine) -> list[EscalationKey]:
    """The keys of everything that waits."""
    return [row.key async for page in desk.waiting() for row in page]


@dataclass
class Followed:
    """What a desk was told while it followed changes, the newest state of each run by its id."""

    changes: list[Change] = field(default_factory=list)
    runs: dict[str, tuple[EscalationKey, ...]] = field(default_factory=dict)

    def shows(self, key: EscalationKey) -> bool:
        """Whether the newest told of the key's run has it waiting."""
        return key in self.runs.get(key.run.run_id, ())


@contextlib.asynccontextmanager
async def following(bench: Bench) -> AsyncIterator[Followed]:
    """Follow changes at the desk for as long as the block runs; an error of following is raised at its end."""
    seen = Followed()

    async def follow() -> None:
        await listed(bench.desk)
        async for change in bench.desk.changes():
            seen.changes.append(change)
            if isinstance(change, RunWaits):
                seen.runs[change.run.run_id] = tuple(row.key for row in change.waiting)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(follow(), name="follow")
        await until(bench, lambda: _as_found(seen.changes or task.done()), "the first word of following")
        yield seen
        task.cancel()


async def _as_found(value: T) -> T:
    return value


async def error_of(work: Awaitable[object], kind: type[E]) -> E:
    """The error of this kind that a call ends with; fails if it does not."""
    try:
        got = await work
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}, but {got}")


async def refusal(work: Awaitable[object]) -> str:
    """The code with which a call is refused; fails if it is not."""
    return (await error_of(work, Refused)).code


async def settled(bench: Bench, decision: Decision) -> Receipt:
    """The receipt of a decision once it is carried out."""

    async def found() -> Receipt | None:
        receipt = await bench.desk.read_back(decision)
        return receipt if receipt and receipt.outcome is Outcome.CARRIED_OUT else None

    return await until(bench, found, f"{decision.verdict} carried out")


def ids(arrivals: Sequence[Arrival]) -> list[str]:
    """The decision ids of arrivals."""
    return [arrival.decision_id for arrival in arrivals]


@rule
async def every_verdict_arrives_as_what_it_is_with_its_payload_once(bench: Bench) -> None:
    # What an approval needs before it can be withdrawn has a rule of its own, as interventions have.
    for verdict in sorted(bench.desk.capabilities.verdicts - INTERVENING - {Verdict.WITHDRAW}):
        key = await bench.open(Ask(verdict=verdict))
        sent = await decision(bench, key, verdict)
        receipt = await bench.desk.deliver(sent)
        assert mismatches(sent, receipt) == ()
        await settled(bench, sent)
        arrived = await bench.arrivals(key)
        assert ids(arrived) == [sent.decision_id], verdict
        assert [(came.verdict, came.payload) for came in arrived] == [(sent.verdict, sent.payload)]
        applied = await bench.applied(key)
        assert ids(applied) == [sent.decision_id], verdict
        assert (applied[0].arguments is not None) == (verdict in EXECUTING), verdict


@rule
async def an_edit_is_carried_out_with_the_edited_arguments(bench: Bench) -> None:
    key = await bench.open(Ask(verdict=Verdict.EDIT))
    sent = await decision(bench, key, Verdict.EDIT)
    await bench.desk.deliver(sent)
    await settled(bench, sent)
    assert [done.arguments for done in await bench.applied(key)] == [sent.payload["arguments"]]


@rule
async def the_same_decision_delivered_twice_is_applied_once(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    first = await bench.desk.deliver(sent)
    again = await bench.desk.deliver(sent)
    elsewhere = await bench.other_desk.deliver(sent)
    await settled(bench, sent)
    assert {first.decision_id, again.decision_id, elsewhere.decision_id} == {sent.decision_id}
    assert ids(await bench.applied(key)) == [sent.decision_id]


@rule
async def an_id_used_again_for_another_decision_is_never_taken_for_it(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    await bench.desk.deliver(sent)
    forged = dataclasses.replace(sent, verdict=Verdict.REJECT)
    try:
        receipt = await bench.desk.deliver(forged)
    except (Refused, Uncertain):
        receipt = None
    assert receipt is None
    await settled(bench, sent)
    assert [done.verdict for done in await bench.applied(key)] == [Verdict.APPROVE]


@rule
async def of_two_opposite_decisions_at_once_one_is_applied_and_both_sides_are_told(bench: Bench) -> None:
    for is_first in (True, False):
        key = await bench.open(Ask())
        for_it = await decision(bench, key, Verdict.APPROVE, by=ANNA)
        against = await decision(bench, key, Verdict.REJECT, by=BEN)
        sending = [bench.desk.deliver(for_it), bench.other_desk.deliver(against)]
        told = await asyncio.gather(*(sending if is_first else reversed(sending)), return_exceptions=True)
        receipts = [answer for answer in told if isinstance(answer, Receipt)]
        refusals = [answer for answer in told if isinstance(answer, Refused)]
        assert (len(receipts), len(refusals)) == (1, 1), told
        assert refusals[0].code in RefusalCode.SUPERSEDING
        won = for_it if receipts[0].decision_id == for_it.decision_id else against
        await settled(bench, won)
        assert ids(await bench.applied(key)) == [won.decision_id]


@rule
async def a_reply_lost_after_acceptance_is_uncertain_and_reading_back_settles_it(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    await bench.lose_next_reply()
    await error_of(bench.desk.deliver(sent), Uncertain)
    await bench.mend()
    receipt = await bench.desk.read_back(sent)
    assert receipt is not None
    assert mismatches(sent, receipt) == ()
    await settled(bench, sent)
    assert ids(await bench.arrivals(key)) == [sent.decision_id]
    assert ids(await bench.applied(key)) == [sent.decision_id]


@rule
async def a_request_lost_on_the_way_is_uncertain_and_reading_back_says_it_never_came(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    await bench.lose_next_request()
    await error_of(bench.desk.deliver(sent), Uncertain)
    await bench.mend()
    assert await bench.desk.read_back(sent) is None
    assert await bench.applied(key) == []
    await bench.desk.deliver(sent)
    await settled(bench, sent)
    assert ids(await bench.applied(key)) == [sent.decision_id]


@rule
async def what_could_not_be_delivered_is_said_to_be_undelivered(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    await bench.go_away()
    error = await error_of(bench.desk.deliver(sent), Unreachable)
    assert error.message
    assert error.next_action
    await bench.mend()
    assert await bench.desk.read_back(sent) is None
    assert await bench.applied(key) == []


@rule
async def a_changed_proposal_makes_an_old_decision_superseded(bench: Bench) -> None:
    key = await bench.open(Ask(required_approvals=2))
    old = await decision(bench, key)
    changed = await bench.change(key)
    assert await refusal(bench.desk.deliver(old)) in RefusalCode.SUPERSEDING
    assert old.decision_id not in ids(await bench.applied(key))
    assert await bench.applied(changed) == []
    new = await decision(bench, changed)
    assert new.digest != old.digest


@rule
async def a_wait_that_opens_again_is_a_new_escalation(bench: Bench) -> None:
    key = await bench.open(Ask())
    old = await decision(bench, key)
    again = await bench.reopen(key)
    assert (again.run, again.native_id) == (key.run, key.native_id)
    assert again.item_id != key.item_id
    keys = await until(bench, lambda: _listed_with(bench, again), "the new wait in the list")
    assert key not in keys
    assert await refusal(bench.desk.deliver(old)) in RefusalCode.SUPERSEDING
    assert old.decision_id not in ids(await bench.applied(key))
    assert await bench.applied(again) == []
    assert (await decision(bench, again)).digest != old.digest


@rule
async def an_item_decided_elsewhere_leaves_the_list(bench: Bench) -> None:
    key = await bench.open(Ask())
    await until(bench, lambda: _listed_with(bench, key), "the item in the list")
    async with following(bench) as seen:
        sent = await decision(bench, key, Verdict.REJECT, by=BEN, desk=bench.other_desk)
        late = await decision(bench, key, by=ANNA)
        await bench.other_desk.deliver(sent)
        await until(bench, lambda: _as_found(key.run.run_id in seen.runs and not seen.shows(key)), "its leaving")
    await until(bench, lambda: _listed_without(bench, key), "the list without it")
    gone = {RefusalCode.CLOSED, RefusalCode.UNKNOWN, RefusalCode.ALREADY_DECIDED}
    assert await refusal(bench.desk.escalation(key)) in gone
    assert await refusal(bench.desk.deliver(late)) in RefusalCode.SUPERSEDING


@rule
async def following_tells_of_what_opens_and_changes(bench: Bench) -> None:
    async with following(bench) as seen:
        key = await bench.open(Ask(risk=Risk.CRITICAL, required_approvals=2))
        await until(bench, lambda: _as_found(seen.shows(key)), "its opening")
        before = len(seen.changes)
        changed = await bench.change(key)
        await until(
            bench,
            lambda: _as_found([change for change in seen.changes[before:] if isinstance(change, RunWaits)]),
            "its change",
        )
        await until(bench, lambda: _as_found(seen.shows(changed)), "what changed")


@rule
async def following_survives_a_restart_of_the_server(bench: Bench) -> None:
    before = await bench.open(Ask())
    async with following(bench) as seen:
        await bench.restart()
        key = await bench.open(Ask())
        await until(bench, lambda: _as_found(seen.shows(key)), "what opens after the restart")
        assert not any(change for change in seen.runs.get(before.run.run_id, (before,)) if change != before)
    assert before in await listed(bench.desk)


@rule
async def following_ends_promptly_when_it_is_cancelled(bench: Bench) -> None:
    async with asyncio.timeout(bench.patience):
        async with following(bench) as seen:
            pass
    assert seen.changes


@rule
async def the_list_is_complete_and_paged_with_the_highest_risk_first(bench: Bench) -> None:
    risks = [Risk.LOW, Risk.CRITICAL, Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL]
    opened = {await bench.open(Ask(risk=risk)): risk for risk in risks}

    async def complete() -> bool:
        return opened.keys() <= set(await listed(bench.desk))

    await until(bench, complete, "all of them in the list")
    rows = [row async for page in bench.desk.waiting() for row in page]
    assert len({row.key for row in rows}) == len(rows)
    assert {row.key: row.risk for row in rows if row.key in opened} == opened
    assert [row.risk for row in rows] == sorted((row.risk for row in rows), reverse=True)


@rule
async def the_digest_is_of_what_is_shown(bench: Bench) -> None:
    key = await bench.open(Ask())
    shown = await bench.desk.escalation(key)
    assert shown.row.problem == ""
    assert shown.row.digest == escalation_digest(shown)
    assert shown.key == key


@rule
async def a_decision_after_its_time_is_refused(bench: Bench) -> None:
    key = await bench.open(Ask())
    sent = await decision(bench, key)
    late = dataclasses.replace(sent, valid_until=sent.signed_at - timedelta(minutes=1))
    assert await refusal(bench.desk.deliver(late)) == RefusalCode.EXPIRED
    assert await bench.applied(key) == []


@rule
async def a_verdict_that_is_not_offered_is_refused(bench: Bench) -> None:
    key = await bench.open(Ask(verdict=Verdict.APPROVE))
    sent = dataclasses.replace(await decision(bench, key), verdict=Verdict.ANSWER, payload={"answer": "yes"})
    assert await refusal(bench.desk.deliver(sent)) == RefusalCode.NOT_ALLOWED
    assert await bench.applied(key) == []


@rule
async def two_approvals_are_of_two_persons(bench: Bench) -> None:
    key = await bench.open(Ask(risk=Risk.CRITICAL, required_approvals=2))
    first = await decision(bench, key, by=ANNA)
    half = await bench.desk.deliver(first)
    assert half.outcome.state is DecisionState.HALF_GRANTED
    assert await bench.applied(key) == []
    assert await refusal(bench.desk.deliver(await decision(bench, key, by=ANNA))) == RefusalCode.NOT_ALLOWED
    second = await decision(bench, key, by=BEN)
    await bench.other_desk.deliver(second)
    await settled(bench, second)
    await settled(bench, first)
    assert ids(await bench.applied(key)) == [second.decision_id]


@rule
async def an_approval_is_withdrawn_by_who_gave_it_and_only_until_the_quorum(bench: Bench) -> None:
    if Verdict.WITHDRAW not in bench.desk.capabilities.verdicts:
        return
    key = await bench.open(Ask(risk=Risk.CRITICAL, required_approvals=2))
    too_early = await decision(bench, key, Verdict.WITHDRAW)
    assert await refusal(bench.desk.deliver(too_early)) == RefusalCode.NOT_ALLOWED
    first = await decision(bench, key)
    await bench.desk.deliver(first)
    half = await bench.desk.escalation(key)
    by_another = await decision(bench, key, Verdict.WITHDRAW, by=BEN)
    assert await refusal(bench.other_desk.deliver(by_another)) == RefusalCode.NOT_ALLOWED
    assert [one.by for one in (await bench.desk.escalation(key)).approvals] == [ANNA]

    taken_back = await decision(bench, key, Verdict.WITHDRAW)
    assert mismatches(taken_back, await bench.desk.deliver(taken_back)) == ()
    assert (await settled(bench, taken_back)).effect is None
    voided = await bench.other_desk.read_back(first)
    assert voided is not None
    assert (voided.outcome, voided.message) == (Outcome.SUPERSEDED, f"{ANNA.name} withdrew the approval.")
    now = await bench.other_desk.escalation(key)
    assert (now.approvals, now.row.approvals, now.row.digest) == ((), 0, half.row.digest)
    assert key in await listed(bench.desk)

    second = await decision(bench, key, by=BEN)
    late = await decision(bench, key, Verdict.WITHDRAW, by=BEN)
    assert (await bench.other_desk.deliver(second)).outcome is Outcome.HALF_GRANTED
    for replayed in (first, taken_back):
        await bench.desk.deliver(replayed)
    assert [one.by for one in (await bench.desk.escalation(key)).approvals] == [BEN]
    again = await decision(bench, key)
    await bench.desk.deliver(again)
    await settled(bench, again)
    await settled(bench, second)
    assert await refusal(bench.other_desk.deliver(late)) in {RefusalCode.ALREADY_DECIDED, RefusalCode.CLOSED}
    assert (await bench.desk.read_back(first)) == voided
    assert again.decision_id in ids(await bench.applied(key))
    assert first.decision_id not in ids(await bench.applied(key))


@rule
async def a_run_can_be_read_with_its_trail_newest_first_and_without_gaps(bench: Bench) -> None:
    key = await bench.open(Ask())
    abilities = bench.desk.capabilities.abilities
    run = await bench.desk.run(key.run)
    assert run.ref == key.run
    assert run.attempt_id
    if Ability.PLAN in abilities:
        steps = await bench.desk.steps(key.run)
        known: set[str] = set()
        for step in steps:
            assert set(step.after) <= known
            known.add(step.step_id)
    if Ability.STATE in abilities:
        assert (await bench.desk.state(key.run)).revision == run.revision
    if Ability.TRAIL in abilities:
        whole = (await bench.desk.trail(key.run, limit=1_000)).entries
        pieces: list[TrailEntry] = []
        older = ""
        while True:
            page = await bench.desk.trail(key.run, older=older, limit=2)
            pieces.extend(page.entries)
            older = page.older
            if not older:
                break
        assert [entry.entry_id for entry in pieces] == [entry.entry_id for entry in whole]
        assert [entry.entry_id for entry in whole] == sorted((entry.entry_id for entry in whole), reverse=True)


@rule
async def runs_are_listed_newest_movement_first_each_once_and_only_those_wanted(bench: Bench) -> None:
    if Ability.RUNS not in bench.desk.capabilities.abilities:
        return
    opened = [await bench.open(Ask()) for _ in range(3)]
    failing = await bench.open(Ask(verdict=Verdict.RETRY))
    wanted = {key.run: key for key in (*opened, failing)}

    async def all_of_them() -> list[RunRow] | None:
        rows = await _newest_runs(bench, frozenset(wanted))
        return rows if wanted.keys() <= {row.ref for row in rows} else None

    rows = await until(bench, all_of_them, "all runs in the list")
    assert len({row.ref for row in rows}) == len(rows)
    moved = [row.moved_at for row in rows if row.moved_at is not None]
    assert len(moved) == len(rows)
    assert moved == sorted(moved, reverse=True)
    told = {row.ref: [waits.key for waits in row.waiting] for row in rows if row.ref in wanted}
    assert told == {ref: [key] for ref, key in wanted.items()}
    failed = (await bench.desk.runs(RunQuery(is_failed=True))).rows
    assert failing.run in {row.ref for row in failed}
    assert all(row.is_failed for row in failed)
    assert {row.failing.failure != "" for row in failed if row.failing is not None} == {True}
    named = await bench.desk.runs(RunQuery(key=failing.run.run_id))
    assert [row.ref for row in named.rows] == [failing.run]
    assert named.total in {1, None}
    nobody = await bench.desk.runs(RunQuery(key=failing.run.run_id, statuses=frozenset({RunStatus.COMPLETED})))
    assert nobody.rows == ()


async def _newest_runs(bench: Bench, refs: frozenset[RunRef]) -> list[RunRow]:
    """Pages of runs until these were all seen, or there are no more."""
    rows: list[RunRow] = []
    older = ""
    while True:
        page = await bench.desk.runs(RunQuery(limit=2), older=older)
        rows.extend(page.rows)
        older = page.older
        if not older or refs <= {row.ref for row in rows}:
            return rows


@rule
async def access_tells_what_is_granted_and_only_what_was_done(bench: Bench) -> None:
    if Ability.ACCESS not in bench.desk.capabilities.abilities:
        return
    key = await bench.open(Ask())
    shown = await bench.desk.escalation(key)
    assert shown.proposal is not None
    before = await _access_at(bench, shown)
    assert (before.agent, before.owner) == (shown.row.agent, shown.owner)
    assert shown.proposal.tool in before.tools
    assert before.writes
    assert before.written == ()
    sent = await decision(bench, key)
    await bench.desk.deliver(sent)
    await settled(bench, sent)
    after = await _access_at(bench, shown)
    written = [(one.resource, one.tool, one.times) for one in after.written]
    assert written == [(shown.proposal.resource, shown.proposal.tool, 1)]
    assert (after.tools, after.reads, after.writes) == (before.tools, before.reads, before.writes)


async def _access_at(bench: Bench, shown: Escalation) -> Access:
    """What is told of the one step that asked."""
    (found,) = [one for one in await bench.desk.access(shown.key.run) if one.step_id == shown.step]
    return found


@rule
async def a_case_is_a_precedent_once_it_is_decided_and_its_run_is_over(bench: Bench) -> None:
    if Ability.PRECEDENTS not in bench.desk.capabilities.abilities:
        return
    let_through, turned_down, waiting = [await bench.open(Ask()) for _ in range(3)]
    like = likeness(await bench.desk.escalation(waiting))
    going_on = await bench.open(Ask(verdict=Verdict.REROUTE))
    rerouted = await decision(bench, going_on, Verdict.REROUTE)
    await bench.desk.deliver(rerouted)
    await settled(bench, rerouted)
    for key, verdict in ((let_through, Verdict.APPROVE), (turned_down, Verdict.REJECT)):
        sent = await decision(bench, key, verdict)
        await bench.desk.deliver(sent)
        await settled(bench, sent)
        await bench.finish(key)

    async def both() -> dict[RunRef, Precedent] | None:
        told = await _told(bench, like)
        return told if {let_through.run, turned_down.run} <= told.keys() else None

    told = await until(bench, both, "both cases among the precedents")
    good, stopped = told[let_through.run], told[turned_down.run]
    assert (good.verdict, good.outcome, good.ended) == (Verdict.APPROVE, Outcome.CARRIED_OUT, RunStatus.COMPLETED)
    assert (good.is_let_through, good.is_well) == (True, True)
    assert (stopped.verdict, stopped.is_let_through) == (Verdict.REJECT, False)
    assert good.title
    assert not {waiting.run, going_on.run} & told.keys()
    assert [case.at for case in told.values()] == sorted((case.at for case in told.values()), reverse=True)
    for other in (dataclasses.replace(like, tool="another.tool"), dataclasses.replace(like, workflow="another")):
        assert await _told(bench, other) == {}


async def _told(bench: Bench, like: Likeness) -> dict[RunRef, Precedent]:
    return {case.run: case for case in (await bench.desk.precedents(like)).found}


@rule
async def what_may_be_done_at_any_time_waits_for_nobody_and_is_done_once(bench: Bench) -> None:
    if Ability.INTERVENE not in bench.desk.capabilities.abilities:
        return
    key = await bench.open(Ask())
    command = await _command(bench, key, Verdict.CANCEL)
    assert command not in await listed(bench.desk)
    first, second = [await decision(bench, command, Verdict.CANCEL, by=by) for by in (ANNA, BEN)]
    await bench.desk.deliver(first)
    await settled(bench, first)
    assert await refusal(bench.other_desk.deliver(second)) in RefusalCode.SUPERSEDING
    assert ids(await bench.applied(command)) == [first.decision_id]

    async def is_over() -> bool:
        return key not in await listed(bench.desk)

    await until(bench, is_over, "the cancelled run waits for nobody")


@rule
async def what_is_paused_waits_until_somebody_resumes_it(bench: Bench) -> None:
    if Ability.INTERVENE not in bench.desk.capabilities.abilities:
        return
    key = await bench.open(Ask())
    pause = await decision(bench, await _command(bench, key, Verdict.PAUSE), Verdict.PAUSE)
    await bench.desk.deliver(pause)
    await settled(bench, pause)

    async def paused() -> EscalationKey | None:
        rows = [row async for page in bench.other_desk.waiting() for row in page if row.kind is Kind.INTERVENTION]
        return next((row.key for row in rows if row.key.native_id == pause.key.native_id), None)

    waits = await until(bench, paused, "what is paused waits to be resumed")
    assert waits != pause.key
    resume = await decision(bench, waits, Verdict.RESUME, by=BEN)
    await bench.other_desk.deliver(resume)
    await settled(bench, resume)
    assert await refusal(bench.desk.deliver(dataclasses.replace(resume, decision_id="again"))) != ""
    assert await _command(bench, key, Verdict.PAUSE) not in {pause.key, waits}


async def _command(bench: Bench, key: EscalationKey, verdict: Verdict) -> EscalationKey:
    """What may be done to just this run with a verdict."""
    offered = [one for one in await bench.desk.commands(key.run) if verdict in one.verdicts]
    mine = [one.key for one in offered if one.key.run == key.run or one.key.native_id.endswith(key.run.run_id)]
    (found,) = mine
    assert found.is_command
    return found


@rule
async def a_conflict_shows_both_runs_and_the_one_ruling_that_counts_names_the_winner(bench: Bench) -> None:
    key = await bench.contend()
    shown = await bench.desk.escalation(key)
    first, second = shown.sides
    assert shown.row.kind is Kind.CONFLICT
    assert first.run != second.run
    assert first.proposal.resource == second.proposal.resource != ""
    rulings = [
        await _ruling(bench, bench.desk, shown, second.run.run_id, ANNA),
        await _ruling(bench, bench.other_desk, shown, first.run.run_id, BEN),
    ]
    told = await asyncio.gather(
        bench.desk.deliver(rulings[0]), bench.other_desk.deliver(rulings[1]), return_exceptions=True
    )
    places = [place for place, each in enumerate(told) if isinstance(each, Receipt)]
    assert len(places) == 1
    (place,) = places
    other = told[1 - place]
    assert isinstance(other, Refused)
    assert other.code in RefusalCode.SUPERSEDING
    await settled(bench, rulings[place])
    winner, loser = (second, first) if place == 0 else (first, second)

    async def is_over() -> bool:
        runs = {waiting.run for waiting in await listed(bench.other_desk)}
        return key.run not in runs and loser.run not in runs and winner.run in runs

    await until(bench, is_over, "the winner goes on, the loser and the conflict wait no more")


async def _ruling(bench: Bench, desk: Engine, shown: Escalation, winner: str, by: Person) -> Decision:
    """Let this run go first and stop the other."""
    made = await decision(bench, shown.key, Verdict.ANSWER, by=by, desk=desk)
    answer: dict[str, Json] = {"winner": winner, "loser": "stop"}
    return signed(dataclasses.replace(made, payload={"reason": REASON, "answer": answer}))


@rule
async def a_claim_and_a_comment_reach_the_other_desk(bench: Bench) -> None:
    abilities = bench.desk.capabilities.abilities
    key = await bench.open(Ask())
    now = datetime.now(UTC).replace(microsecond=0)
    if Ability.CLAIM in abilities:
        await bench.desk.claim(key, ANNA, now + timedelta(minutes=15))
        claim = (await bench.other_desk.escalation(key)).row.claim
        assert claim is not None
        assert (claim.by, claim.until) == (ANNA, now + timedelta(minutes=15))
        await bench.desk.release(key, ANNA)
        assert (await bench.other_desk.escalation(key)).row.claim is None
    if Ability.COMMENT in abilities:
        await bench.desk.comment(key, Comment(ANNA, now, "asked the customer"))
        assert [said.text for said in (await bench.other_desk.escalation(key)).comments] == ["asked the customer"]


@rule
async def what_an_engine_lacks_it_says_with_the_reason(bench: Bench) -> None:
    capabilities = bench.desk.capabilities
    for ability in Ability:
        assert (ability in capabilities.abilities) != bool(capabilities.lacks.get(ability)), ability


@rule
async def opening_again_finds_the_same_server(bench: Bench) -> None:
    first = await bench.desk.open()
    other = await bench.other_desk.open()
    assert first.identity
    assert first.identity == other.identity
    key = await bench.open(Ask())
    assert key.run.server == first.identity


async def _listed_with(bench: Bench, key: EscalationKey) -> list[EscalationKey]:
    keys = await listed(bench.desk)
    return keys if key in keys else []


async def _listed_without(bench: Bench, key: EscalationKey) -> bool:
    return key not in await listed(bench.desk)
