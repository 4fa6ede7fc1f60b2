from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import pytest

from console.domain.decided import DecidedQuery, Term
from console.domain.decision import NEXT_STATES, Decision, DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.domain.receipt import Effect, Outcome
from console.store.store import Store
from tests.store.made import NOW, decision, item, new_decision, receipt

S = DecisionState
# The connection that every store here begins with has a line in the audit.
CONNECTED = 1


@pytest.fixture(autouse=True)
def _one_item(store: Store) -> None:
    store.items.put("ledger", item(), NOW)


def test_decision_history_and_audit_are_written_together(store: Store) -> None:
    stored = store.outbox.add(new_decision(item()))
    connected, entry = store.audit.entries()
    assert stored.decision == decision(item(), head=connected.hash)
    assert stored.state is S.QUEUED
    assert stored.history == ((S.QUEUED, NOW),)
    assert store.outbox.find("d1") == stored
    assert '"kind":"decided"' in entry.line
    assert '"reason"' not in entry.line
    assert stored.decision.signature in entry.line


def test_a_decision_that_cannot_be_signed_leaves_nothing(store: Store) -> None:
    def fail(_: str) -> Decision:
        raise RuntimeError("the key broke")

    with pytest.raises(RuntimeError, match="the key broke"):
        store.outbox.add(new_decision(item(), make=fail))
    assert store.outbox.newest(9) == ()
    assert len(store.audit.entries()) == CONNECTED


def test_a_failure_after_the_row_leaves_nothing_either(store: Store) -> None:
    def unkeepable(head: str) -> Decision:
        return dataclasses.replace(decision(item(), head=head), payload={"reason": float("nan")})

    with pytest.raises(ValueError, match=r"nan|float"):
        store.outbox.add(new_decision(item(), make=unkeepable))
    assert store.outbox.newest(9) == ()
    assert len(store.audit.entries()) == CONNECTED


def test_what_changed_or_closed_is_not_decided(store: Store) -> None:
    with pytest.raises(Refused) as changed:
        store.outbox.add(new_decision(item(), digest="f" * 64))
    assert changed.value.code == RefusalCode.CHANGED
    store.inbox.close([item().key.item_id], NOW)
    with pytest.raises(Refused) as closed:
        store.outbox.add(new_decision(item()))
    assert closed.value.code == RefusalCode.CLOSED


def test_one_item_is_decided_once_at_a_time_by_two_programs(store: Store, path: Path) -> None:
    other = Store(path)
    other.outbox.add(new_decision(item(), "d1"))
    with pytest.raises(Refused) as refused:
        store.outbox.add(new_decision(item(), "d2"))
    assert refused.value.code == RefusalCode.ALREADY_DECIDED
    other.outbox.move("d1", S.WITHDRAWN, NOW)
    store.outbox.add(new_decision(item(), "d2"))
    latest = store.outbox.on_item(item().key.item_id)
    assert latest is not None
    assert latest.decision.decision_id == "d2"
    other.close()


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_it_moves_along_the_states_of_the_domain_only(store: Store, before: S, after: S) -> None:
    store.outbox.add(new_decision(item(), state=before))
    moved = store.outbox.move("d1", after, NOW)
    found = store.outbox.find("d1")
    assert found is not None
    assert (moved is not None) == (after in NEXT_STATES[before])
    assert found.state is (after if moved else before)
    assert len(store.audit.entries()) - CONNECTED == len(found.history) == (2 if moved else 1)


def test_of_two_programs_that_move_it_one_succeeds(store: Store, path: Path) -> None:
    store.outbox.add(new_decision(item()))
    other = Store(path)
    assert other.outbox.move("d1", S.WITHDRAWN, NOW) is not None
    assert store.outbox.move("d1", S.SENDING, NOW) is None
    other.close()


def test_state_receipt_and_audit_are_written_together(store: Store) -> None:
    made = store.outbox.add(new_decision(item())).decision
    store.outbox.move("d1", S.SENDING, NOW)
    stored = store.outbox.move("d1", S.CONFIRMED, NOW, message="taken", next_action="wait", receipt=receipt(made))
    assert stored is not None
    assert stored.receipt == receipt(made)
    assert (stored.message, stored.next_action) == ("taken", "wait")
    assert [state for state, _ in stored.history] == [S.QUEUED, S.SENDING, S.CONFIRMED]
    assert '"outcome":"confirmed"' in store.audit.entries()[-1].line


def test_a_receipt_that_cannot_be_kept_leaves_the_state(store: Store) -> None:
    made = store.outbox.add(new_decision(item())).decision
    store.outbox.move("d1", S.SENDING, NOW)
    broken = dataclasses.replace(receipt(made), message="half a \ud83d pair")
    with pytest.raises(ValueError, match="surrogates"):
        store.outbox.move("d1", S.CONFIRMED, NOW, receipt=broken)
    found = store.outbox.find("d1")
    assert found is not None
    assert (found.state, found.receipt) == (S.SENDING, None)


def test_a_newer_receipt_is_noted_once(store: Store) -> None:
    made = store.outbox.add(new_decision(item())).decision
    half = receipt(made, Outcome.HALF_GRANTED)
    store.outbox.move("d1", S.SENDING, NOW)
    store.outbox.move("d1", S.HALF_GRANTED, NOW, receipt=half)
    more = dataclasses.replace(half, approvals=2, required_approvals=3)
    assert store.outbox.note(half, NOW) is None
    noted = store.outbox.note(more, NOW)
    assert noted is not None
    assert noted.receipt == more
    assert store.outbox.note(more, NOW) is None


def test_lists(store: Store) -> None:
    for number in (2, 3):
        store.items.put("ledger", item(number), NOW)
    for number in (1, 2, 3):
        store.outbox.add(new_decision(item(number), f"d{number}"))
    store.outbox.move("d2", S.SENDING, NOW)
    assert [each.decision.decision_id for each in store.outbox.newest(2)] == ["d3", "d2"]
    assert [each.decision.decision_id for each in store.outbox.in_states({S.QUEUED})] == ["d1", "d3"]
    assert store.outbox.find("d9") is None


def test_what_was_decided_is_found_by_words_verdict_and_state_a_page_at_a_time(store: Store) -> None:
    payload = {"reason": "Paid 100% ÜBER the other desk"}
    reject = partial(decision, item(2), "d2", verdict=Verdict.REJECT, payload=payload)
    store.outbox.add(new_decision(item(), "d1"))
    store.items.put("ledger", item(2), NOW)
    store.outbox.add(new_decision(item(2), "d2", make=lambda head: reject(head=head)))
    store.items.put("ledger", item(3), NOW)
    store.outbox.add(new_decision(item(3), "d3"))
    store.outbox.move("d1", S.SENDING, NOW)
    proof = dataclasses.replace(
        receipt(decision(item())), effect=Effect(effect_id="JE_88213", tool="ledger.post", at=NOW)
    )
    store.outbox.move("d1", S.CONFIRMED, NOW, receipt=proof)
    rejected = Term("rejected", verdicts=frozenset({Verdict.REJECT}))
    queued_approvals = DecidedQuery(verdicts=frozenset({Verdict.APPROVE}), states=frozenset({S.QUEUED}))
    for query, found in (
        (DecidedQuery(), ["d3", "d2", "d1"]),
        (DecidedQuery(terms=(Term("refund"), Term("über"))), ["d2"]),
        (DecidedQuery(terms=(Term("100%"),)), ["d2"]),
        (DecidedQuery(terms=(Term("10_%"),)), []),
        (DecidedQuery(terms=(Term("je_88213"),)), ["d1"]),
        (DecidedQuery(terms=(Term("je-88213"),)), []),
        (DecidedQuery(terms=(rejected,)), ["d2"]),
        (queued_approvals, ["d3"]),
    ):
        ids, total = store.decided.page(query)
        assert (list(ids), total) == (found, len(found)), query
    assert store.decided.page(DecidedQuery(limit=2)) == (("d3", "d2"), 3)
    assert [each.decision.decision_id for each in store.outbox.these(["d1", "d3"])] == ["d3", "d1"]


def test_moves_of_another_program_are_found_by_number(store: Store, path: Path) -> None:
    store.outbox.add(new_decision(item()))
    seen = store.outbox.last_move()
    other = Store(path)
    other.outbox.move("d1", S.SENDING, NOW)
    (move,) = store.outbox.moved_since(seen)
    assert (move.decision_id, move.item_id) == ("d1", item().key.item_id)
    assert store.outbox.moved_since(move.number) == ()
    other.close()
