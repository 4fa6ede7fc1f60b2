"""What outcomes, failures and decisions make of a run, without a server: the course and its book are plain data."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.canonical import Json
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.identity import Person
from console.domain.precedent import likeness
from console.domain.receipt import Effect, Receipt
from console.domain.receipt import Outcome as Became
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus, Standing
from console.tower import commands, precedents, rulings, views, wire
from console.tower.book import BOOK, Book, Phase, StepState
from console.tower.course import Course
from console.tower.messages import FailureType, Outcome, Proposed, RunStart
from console.tower.plan import Budgets, Plan, StepSpec, Then
from tests.tower.people import ANA, BEN, EVA, decision
from tests.tower.probe_plan import PLAN, QUICK

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Table:
    """A run on the table: its course, with a clock to turn."""

    def __init__(self, plan: Plan = PLAN, parameters: dict[str, Json] | None = None) -> None:
        self.at = NOW
        start = RunStart(
            plan=plan, title="A run", business_key="order 4711", started_by="ian", parameters=parameters or {}
        )
        book = Book("temporal:c:n", NOW, NOW)
        book.steps = {one: StepState(agent=plan.step(one).agent) for one in plan.order()}
        ref = RunRef("temporal:c:n", "run-1", "chain-1")
        self.course = Course(start, book, ref, "execution-1", lambda: self.at)
        self.book = book
        self.course.ready()

    def work(self, step: str, **outcome: object) -> None:
        """The step's agent is set to work and returns an outcome."""
        assert self.course.begin(step) is not None
        self.course.took(step, Outcome.model_validate(outcome))
        self.course.ready()

    def reach_pay(self, **outcome: object) -> Escalation:
        """First and beside are done, and pay asks for a person."""
        self.work("first", patch={"a": 1})
        self.work("beside", patch={"b": 1})
        self.work("pay", **outcome or {"proposals": (payment("420.00"),)})
        return self.book.open["pay"]

    def say(
        self, shown: Escalation, verdict: Verdict, by: Person = ANA, payload: dict[str, Json] | None = None
    ) -> Receipt:
        """A decision; the receipt after the run's next move."""
        said = decision(shown, verdict, by, payload=payload, now=self.at)
        rulings.decide(self.course, said)
        self.course.carry_out()
        self.course.ready()
        return self.book.receipts[said.decision_id]

    def refusal(self, shown: Escalation, verdict: Verdict, by: Person = ANA) -> str:
        """The code of the refusal."""
        before = BOOK.dump_json(self.book)
        with pytest.raises(Refused) as caught:
            rulings.decide(self.course, decision(shown, verdict, by, now=self.at))
        assert BOOK.dump_json(self.book) == before
        return caught.value.code


def payment(amount: str, account: str = "own-1") -> Proposed:
    return Proposed("till.pay", {"account": account, "amount": amount}, f"Pay {amount} to {account}")


def effect(effect_id: str = "e") -> Effect:
    return Effect(effect_id=effect_id, tool="till.pay", at=NOW, result={"paid": "1"})


def test_a_book_is_the_same_after_json() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("420.00"),), caveats=("careful",), confidence=0.9)
    table.say(shown, Verdict.APPROVE)
    assert BOOK.validate_python(BOOK.dump_python(table.book, mode="json")) == table.book


def test_a_case_is_noted_once_by_the_verdict_that_ended_it_and_told_with_what_became_of_it() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("420.00"),), confidence=0.9)
    table.say(shown, Verdict.APPROVE)
    assert precedents.told(table.course) == []
    edited = table.say(shown, Verdict.EDIT, BEN, {"arguments": {"account": "own-1", "amount": "410.00"}})
    assert edited.outcome is Became.HALF_GRANTED
    table.say(table.book.open["pay"], Verdict.APPROVE)
    assert [one.verdict for one in table.book.ruled] == [Verdict.EDIT]
    table.course.executed("pay", effect())
    table.course.end(RunStatus.COMPLETED, "Done.")
    (case,) = precedents.told(table.course)
    assert (case["verdict"], case["outcome"], case["ended"]) == ("edit", "carried out", "completed")
    assert (case["confidence"], case["like"]) == (0.9, asdict(likeness(shown)))
    assert BOOK.validate_python(BOOK.dump_python(table.book, mode="json")).ruled == table.book.ruled


def test_what_nobody_decided_is_no_case_and_the_latest_are_kept() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("420.00"),))
    table.course.end(RunStatus.CANCELLED, "Cancelled at the server.")
    assert table.book.ruled == []
    for number in range(wire.MEMO_ROWS + 5):
        precedents.note(table.course, shown, replace(decision(shown, Verdict.REJECT), decision_id=f"d{number}"))
    assert [one.decision_id for one in table.book.ruled] == [f"d{number}" for number in range(5, wire.MEMO_ROWS + 5)]


def test_findings_on_facts_that_moved_are_not_applied() -> None:
    table = Table()
    table.work("first", patch={"a": 1})
    table.work("beside", patch={"b": 1})
    for attempt in (1, 2):
        assert table.course.begin("pay") is not None
        table.course.apply("first", {"a": 10 + attempt}, Standing.KNOWN)
        table.course.took("pay", Outcome(patch={"c": 1}, relied_on=("a", "b")))
        assert "c" not in table.book.record.facts
    shown = table.book.open["pay"]
    assert (shown.row.kind, shown.failure) == (Kind.FAILURE, "The state changed under it: a")
    assert table.book.steps["pay"].occurrence == 2


def test_findings_on_facts_that_stayed_are_applied_though_others_moved() -> None:
    table = Table()
    table.work("first", patch={"a": 1})
    table.work("beside", patch={"b": 1})
    assert table.course.begin("pay") is not None
    table.course.apply("first", {"a": 2}, Standing.KNOWN)
    table.course.took("pay", Outcome(patch={"c": 1}, relied_on=("b",)))
    assert table.book.record.facts["c"].value == 1


def test_what_waits_on_facts_that_moved_is_closed_and_worked_on_again() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("420.00"),), relied_on=("a",))
    first = table.say(shown, Verdict.APPROVE)
    assert first.outcome is Became.HALF_GRANTED
    table.course.apply("beside", {"b": 2}, Standing.KNOWN)
    assert table.book.open["pay"].row.approvals == 1
    table.course.apply("beside", {"a": 2}, Standing.KNOWN)
    assert table.book.open == {}
    assert table.book.receipts[first.decision_id].outcome is Became.SUPERSEDED
    assert table.refusal(shown, Verdict.APPROVE, BEN) == RefusalCode.ALREADY_DECIDED
    table.work("pay", proposals=(payment("400.00"),))
    assert table.book.open["pay"].key.occurrence == 2


def test_what_was_approved_and_has_not_begun_is_not_done_on_facts_that_moved() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),), relied_on=("a",))
    approved = table.say(shown, Verdict.APPROVE)
    table.course.apply("beside", {"a": 2}, Standing.KNOWN)
    assert not table.course.may_act("pay")
    receipt = table.book.receipts[approved.decision_id]
    assert (receipt.outcome, receipt.message) == (Became.SUPERSEDED, "What this relied on has changed: a")
    assert table.book.steps["pay"].phase is Phase.AGENT


def test_what_may_have_been_done_already_is_finished_under_its_key() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),), relied_on=("a",))
    table.say(shown, Verdict.APPROVE)
    assert table.course.may_act("pay")
    key = table.course.execution("pay").effect_id
    table.course.failed("pay", FailureType.FAILED, "no answer")
    table.course.apply("beside", {"a": 2}, Standing.KNOWN)
    assert table.course.may_act("pay")
    assert table.course.execution("pay").effect_id == key


@pytest.mark.parametrize("waits", [True, False])
def test_a_step_that_has_acted_asks_a_person_when_its_facts_move(waits: bool) -> None:
    table = Table()
    second = payment("420.00" if waits else "6.00")
    table.work("first", patch={"a": 1})
    table.work("beside", patch={"b": 1})
    table.work("pay", proposals=(payment("5.00"), second), relied_on=("a",))
    table.course.execution("pay")
    if not waits:
        table.course.apply("beside", {"a": 2}, Standing.KNOWN)
    table.course.executed("pay", effect())
    if waits:
        half = table.say(table.book.open["pay"], Verdict.APPROVE)
        table.course.apply("beside", {"a": 2}, Standing.KNOWN)
        assert table.book.receipts[half.decision_id].outcome is Became.SUPERSEDED
    shown = table.book.open["pay"]
    assert (shown.row.kind, shown.proposal) == (Kind.FAILURE, None)
    assert shown.failure == "What this relied on has changed after 1 of 2 were done: a"
    assert table.course.ready() == ()
    table.say(shown, Verdict.RETRY)
    assert table.course.ready() == ("pay",)


def test_an_item_that_was_closed_undecided_is_told_apart() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("420.00"),), relied_on=("a",))
    table.course.apply("beside", {"a": 2}, Standing.KNOWN)
    assert table.refusal(shown, Verdict.APPROVE) == RefusalCode.CLOSED


def test_low_confidence_asks_about_a_proposal_that_would_pass() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("5.00"),), confidence=0.4)
    assert (shown.row.kind, shown.row.risk, shown.confidence) == (Kind.DOUBT, Risk.MEDIUM, 0.4)
    assert shown.rule is not None
    assert "Below 70% confidence a person decides. probe-agent is 40% sure." in shown.rule.text
    assert Verdict.RETRY in shown.verdicts


def test_low_confidence_holds_findings_back_until_somebody_approves() -> None:
    table = Table()
    table.work("first", patch={"a": 1}, confidence=0.4)
    shown = table.book.open["first"]
    assert (shown.row.kind, shown.suggestion, "a" in table.book.record.facts) == (Kind.DOUBT, {"a": 1}, False)
    assert table.say(shown, Verdict.APPROVE).outcome is Became.CARRIED_OUT
    assert table.book.record.facts["a"].standing is Standing.DECIDED
    assert table.book.steps["first"].phase is Phase.DONE


def test_a_small_payment_passes_without_a_person() -> None:
    table = Table()
    table.work("first")
    table.work("beside")
    table.work("pay", proposals=(payment("5.00"),), confidence=0.9)
    assert (table.book.steps["pay"].phase, table.book.open) == (Phase.EXECUTE, {})
    assert table.course.execution("pay").decision_id == ""


@pytest.mark.parametrize(
    ("proposed", "words"),
    [
        (payment("5.00", "strange"), "till/strange is outside what probe-agent may write"),
        (payment("60000.00"), "€60,000.00 is over the limit of till.pay, €50,000.00."),
        (payment("much"), "amount: 'much' does not match"),
        (Proposed("till.burn", {}, "Burn it"), "asks for till.burn, which the plan does not know"),
        (Proposed("till.look", {"account": "own-1"}, "Look"), "is not planned to use till.look"),
        (Proposed("till.pay", {"amount": "1.00"}, "Pay nobody"), "'account' is a required property"),
    ],
)
def test_a_violation_is_never_offered_for_approval(proposed: Proposed, words: str) -> None:
    table = Table()
    shown = table.reach_pay(proposals=(proposed,))
    assert (shown.row.kind, shown.row.risk) == (Kind.VIOLATION, Risk.HIGH)
    assert words in shown.failure
    assert not {Verdict.APPROVE, Verdict.EDIT} & set(shown.verdicts)
    assert table.refusal(shown, Verdict.APPROVE, BEN) == RefusalCode.NOT_ALLOWED
    assert table.say(shown, Verdict.REJECT).outcome is Became.CARRIED_OUT
    assert table.book.steps["pay"].phase is Phase.DONE


def test_several_proposals_are_decided_and_done_one_by_one() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"), payment("5.00"), payment("43.00")))
    first = table.say(shown, Verdict.APPROVE)
    call = table.course.execution("pay")
    assert (call.effect_id, call.decision_id) == ("chain-1/pay/1/1", first.decision_id)
    table.course.executed("pay", effect(call.effect_id))
    second = table.course.execution("pay")
    assert (second.effect_id, second.decision_id) == ("chain-1/pay/1/2", "")
    table.course.executed("pay", effect(second.effect_id))
    shown = table.book.open["pay"]
    assert (shown.key.occurrence, shown.row.title) == (2, "Pay 43.00 to own-1")
    table.say(shown, Verdict.REJECT)
    assert table.book.steps["pay"].phase is Phase.DONE
    assert table.book.receipts[first.decision_id].effect == effect("chain-1/pay/1/1")


def test_an_edit_is_weighed_anew() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),))
    assert shown.row.required_approvals == 1
    receipt = table.say(shown, Verdict.EDIT, payload={"arguments": {"account": "own-1", "amount": "500.00"}})
    assert (receipt.outcome, receipt.required_approvals) == (Became.HALF_GRANTED, 2)
    now = table.book.open["pay"]
    assert (now.row.risk, now.row.title, now.row.approvals) == (Risk.HIGH, "Pay 42.00 to own-1 (edited)", 1)
    assert now.proposal is not None
    assert [(one.label, one.before, one.after) for one in now.proposal.changes] == [("amount", "42.00", "500.00")]
    assert now.key == shown.key
    assert now.row.digest != shown.row.digest
    assert table.say(now, Verdict.APPROVE, EVA).outcome is Became.CONFIRMED
    assert table.course.execution("pay").arguments == {"account": "own-1", "amount": "500.00"}


def test_who_edits_must_be_allowed_what_it_then_weighs() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),))
    arguments: dict[str, Json] = {"arguments": {"account": "own-1", "amount": "2000.00"}}
    with pytest.raises(Refused, match="With this change: Only a supervisor may decide this"):
        rulings.decide(table.course, decision(shown, Verdict.EDIT, ANA, payload=arguments, now=NOW))
    assert table.say(shown, Verdict.EDIT, BEN, arguments).outcome is Became.HALF_GRANTED


def test_an_edit_voids_what_was_approved_before() -> None:
    table = Table()
    first = table.say(table.reach_pay(), Verdict.APPROVE)
    shown = table.book.open["pay"]
    table.say(shown, Verdict.EDIT, BEN, {"arguments": {"account": "own-1", "amount": "400.00"}})
    assert table.book.receipts[first.decision_id].outcome is Became.SUPERSEDED
    assert [one.by for one in table.book.open["pay"].approvals] == [BEN]
    assert table.refusal(shown, Verdict.APPROVE, EVA) == RefusalCode.CHANGED


def test_a_withdrawn_approval_is_no_evidence_and_may_be_given_anew() -> None:
    table = Table()
    shown = table.reach_pay()
    state = table.book.steps["pay"]
    assert table.refusal(shown, Verdict.WITHDRAW) == RefusalCode.NOT_ALLOWED
    first = table.say(shown, Verdict.APPROVE, BEN)
    half = table.book.open["pay"]
    assert table.refusal(half, Verdict.WITHDRAW, EVA) == RefusalCode.NOT_ALLOWED
    taken_back = table.say(half, Verdict.WITHDRAW, BEN)
    assert (taken_back.outcome, taken_back.settled_at) == (Became.CARRIED_OUT, NOW)
    voided = table.book.receipts[first.decision_id]
    assert (voided.outcome, voided.message) == (Became.SUPERSEDED, "Ben withdrew the approval.")
    assert table.book.steps["pay"].granted == ()
    assert table.book.open["pay"] == shown
    assert table.refusal(table.book.open["pay"], Verdict.WITHDRAW, BEN) == RefusalCode.NOT_ALLOWED
    others = [table.say(table.book.open["pay"], Verdict.APPROVE, by) for by in (EVA, BEN)]
    assert {one.decision.decision_id for one in state.granted} == {one.decision_id for one in others}
    assert state.phase is Phase.EXECUTE
    assert table.refusal(half, Verdict.WITHDRAW, EVA) == RefusalCode.ALREADY_DECIDED
    table.course.executed("pay", effect())
    assert table.book.receipts[first.decision_id] == voided


def test_what_an_editor_withdraws_stands_as_edited_with_nobodys_approval() -> None:
    table = Table()
    shown = table.reach_pay()
    edited: dict[str, Json] = {"arguments": {"account": "own-1", "amount": "421.00"}}
    table.say(shown, Verdict.EDIT, BEN, edited)
    table.say(table.book.open["pay"], Verdict.WITHDRAW, BEN)
    still = table.book.open["pay"]
    assert still.proposal is not None
    assert (still.proposal.arguments["amount"], still.approvals, still.row.approvals) == ("421.00", (), 0)
    assert table.book.steps["pay"].granted == ()


def test_a_decision_is_valid_until_a_time() -> None:
    table = Table()
    said = decision(table.reach_pay(), Verdict.APPROVE, now=NOW)
    table.at = said.valid_until
    with pytest.raises(Refused) as caught:
        rulings.decide(table.course, said)
    assert caught.value.code == RefusalCode.EXPIRED


def test_an_id_stands_for_one_decision() -> None:
    table = Table()
    said = decision(table.reach_pay(), Verdict.APPROVE, now=NOW)
    receipt = rulings.decide(table.course, said)
    assert rulings.decide(table.course, said) == receipt
    with pytest.raises(Refused) as caught:
        rulings.decide(table.course, replace(said, payload={"reason": "another"}))
    assert caught.value.code == RefusalCode.ID_REUSED


def test_a_step_may_replace_a_fact_it_relied_on() -> None:
    table = Table()
    table.reach_pay(proposals=(payment("420.00"),), relied_on=("a",), patch={"a": 2})
    table.course.apply("beside", {"b": 2}, Standing.KNOWN)
    assert list(table.book.open) == ["pay"]


def test_one_rejection_ends_it() -> None:
    table = Table()
    shown = table.reach_pay()
    first = table.say(shown, Verdict.APPROVE)
    table.say(table.book.open["pay"], Verdict.REJECT, BEN)
    assert table.book.receipts[first.decision_id].outcome is Became.SUPERSEDED
    assert table.book.receipts[first.decision_id].message == "Ben rejected it."


def test_work_that_goes_back_and_forth_gets_stuck_and_a_retry_grants_anew() -> None:
    table = Table(replace(PLAN, budgets=Budgets(returns=2)))
    table.work("first")
    table.work("beside")
    for _ in range(2):
        table.work("pay", back_to="first")
        assert [table.book.steps[one].phase for one in ("first", "beside", "pay")] == ["agent", "done", "todo"]
        table.work("first")
    table.work("pay", back_to="first")
    shown = table.book.open["pay"]
    assert shown.row.kind is Kind.STUCK
    assert shown.rule is not None
    assert shown.rule.name == "budget-returns"
    assert "between first and pay it went back and forth 3 times" in shown.rule.text
    table.say(shown, Verdict.RETRY)
    table.work("pay", back_to="first")
    assert table.book.open == {}


@pytest.mark.parametrize(
    ("budgets", "outcome", "name"),
    [
        (Budgets(steps=2), {}, "budget-steps"),
        (Budgets(tokens=100), {"tokens": 101}, "budget-tokens"),
        (Budgets(cost=1.0), {"cost": 1.5}, "budget-cost"),
        (Budgets(equal_calls=1), {"calls": ("till.look 12ab",) * 2}, "budget-equal-calls"),
    ],
)
def test_a_budget_that_is_passed_is_named(budgets: Budgets, outcome: dict[str, object], name: str) -> None:
    table = Table(replace(PLAN, budgets=budgets))
    table.work("first")
    table.work("beside", **outcome)
    assert table.course.begin("pay") is None
    shown = table.book.open["pay"]
    assert shown.rule is not None
    assert (shown.row.kind, shown.rule.name) == (Kind.STUCK, name)
    assert table.say(shown, Verdict.RETRY).outcome is Became.CONFIRMED
    assert table.course.begin("pay") is not None
    assert {one.outcome for one in table.book.receipts.values()} == {Became.CARRIED_OUT}


def test_time_that_agents_work_is_a_budget() -> None:
    table = Table(replace(PLAN, budgets=Budgets(work_seconds=5)))
    table.book.usage.work_seconds = 6
    assert table.course.begin("first") is None
    assert table.book.open["first"].failure == "Agents and tools may work 5 s; they took 6 s."


def test_attempts_wait_longer_each_time_then_a_person_decides() -> None:
    policy = replace(QUICK, attempts=3, first_wait=2.0, factor=3.0, longest_wait=5.0)
    assert [policy.wait_after(count) for count in (1, 2, 3)] == [2.0, 5.0, 5.0]
    table = Table()
    assert table.course.begin("first") is not None
    table.course.failed("first", FailureType.FAILED, "no paper")
    state = table.book.steps["first"]
    assert (state.phase, state.not_before) == (Phase.AGENT, NOW + timedelta(seconds=0.05))
    assert table.course.begin("first") is not None
    table.course.failed("first", FailureType.FAILED, "no paper")
    assert (table.book.open["first"].row.title, state.occurrence, state.attempts) == ("First failed 2 times", 1, 2)


def test_a_step_that_may_fail_leaves_a_flag() -> None:
    table = Table()
    table.reach_pay()
    table.say(table.book.open["pay"], Verdict.REJECT)
    assert table.course.begin("last") is not None
    table.course.failed("last", FailureType.FAILED, "no paper")
    table.course.carry_out()
    assert table.book.steps["last"].caveats == ("Went on without “Last”, which failed: no paper",)
    assert table.book.ending is RunStatus.COMPLETED


def test_a_step_that_halts_ends_the_run() -> None:
    steps = tuple(
        replace(one, failure=replace(QUICK, attempts=1, then=Then.HALT)) if one.step_id == "first" else one
        for one in PLAN.steps
    )
    table = Table(replace(PLAN, steps=steps))
    assert table.course.begin("first") is not None
    table.course.failed("first", FailureType.FAILED, "no paper")
    assert (table.book.ending, table.book.ending_message) == (RunStatus.FAILED, "First failed 1 times: no paper")


def test_caveats_reach_the_gate() -> None:
    table = Table()
    table.work("first", caveats=("early",), open_questions=("why?",))
    table.work("beside", caveats=("late",))
    table.work("pay", proposals=(payment("42.00"),), caveats=("own",))
    shown = table.book.open["pay"]
    assert (shown.caveats, shown.open_questions) == (("early", "late", "own"), ("why?",))
    assert shown.blast.steps == ("last",)
    assert shown.blast.resources == ("till/own-1",)
    assert shown.owner == "Owner of probe-agent"


def test_what_was_approved_and_had_not_begun_when_the_run_ended_is_superseded() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),))
    approved = table.say(shown, Verdict.APPROVE)
    table.course.end(RunStatus.CANCELLED, "Cancelled at the server.")
    assert table.book.receipts[approved.decision_id].outcome is Became.CONFIRMED
    table.course.wind_up()
    assert table.book.receipts[approved.decision_id].outcome is Became.SUPERSEDED


def test_a_run_takes_a_bounded_number_of_decisions_and_can_then_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulings, "MAX_RECEIPTS", 1)
    table = Table()
    table.say(table.reach_pay(), Verdict.APPROVE)
    assert table.refusal(table.book.open["pay"], Verdict.APPROVE, BEN) == RefusalCode.NOT_ALLOWED
    table.say(table.book.open["pay"], Verdict.CANCEL, BEN)
    assert table.book.ending is RunStatus.CANCELLED


def test_memo_and_attributes_stay_within_the_caps() -> None:
    steps = tuple(
        StepSpec(step_id=f"s{number}", title="t" * 500, agent="probe-agent", time_limit=1.0, failure=QUICK)
        for number in range(30)
    )
    table = Table(replace(PLAN, steps=steps))
    start = replace(table.course.start, business_key="k" * 5_000, title="t" * 5_000)
    table.course.start = start
    for step in steps:
        assert table.course.begin(step.step_id) is not None
        table.course.failed(step.step_id, FailureType.VIOLATION, "v" * 5_000)
    memo = views.memo(table.course)
    assert (len(memo.rows), memo.more) == (wire.MEMO_ROWS, 10)
    assert len(memo.model_dump_json()) < 40_000
    attributes = views.attributes(table.course)
    assert set(attributes) | {"ClearanceChangedAt"} == set(wire.SEARCH_ATTRIBUTES)
    assert all(len(str(value)) < 2_048 for value in attributes.values())
    assert attributes["ClearanceOpen"] == 30


def test_the_state_before_is_read_by_its_revision() -> None:
    table = Table()
    table.reach_pay(proposals=(payment("42.00"),))
    pending = {fact.name: fact for fact in views.state(table.course, None).facts}["payment"]
    assert pending.standing is Standing.PENDING
    before = views.state(table.course, 1)
    assert [fact.name for fact in before.facts] == ["a"]
    with pytest.raises(LookupError):
        views.state(table.course, 99)


def test_who_completes_a_step_by_hand_is_told_what_the_state_lacks_then_and_who_reads_it() -> None:
    steps = tuple(replace(step, reads=("receipt", "a")) if step.step_id == "last" else step for step in PLAN.steps)
    for plan, told in (
        (PLAN, "“Last” read the state, and fail where they need what is not there."),
        (replace(PLAN, steps=steps), "It lacks “receipt”, which “Last” read."),
    ):
        table = Table(plan)
        table.reach_pay()
        offer = commands.command(table.course, "@complete/pay")
        assert offer is not None
        assert offer.rule is not None
        assert "Nothing that the step would find is put in the state; only how it was done is" in offer.rule.text
        assert offer.rule.text.endswith(told)


def test_what_may_be_done_names_its_run_and_a_single_step_is_one() -> None:
    table = Table()
    table.reach_pay()
    titles = [offer.row.title for offer in commands.offered(table.course)]
    assert titles
    assert [title for title in titles if "run-1" not in title] == []
    again = commands.command(table.course, "@reset/pay")
    assert again is not None
    assert again.rule is not None
    assert again.rule.text.endswith("What was approved for it counts no more; it has not acted.")
