from __future__ import annotations

import dataclasses

import pytest

from console.domain.digest import escalation_digest
from console.domain.escalation import Change, EscalationKey, Rule, Verdict
from console.domain.run import RunRef, TrailEntry, TrailKind
from console.store.items import MAX_ITEM_BYTES
from console.store.store import Store
from tests.store.made import NOW, item, row, titles


def test_an_item_comes_back_as_it_went_in(store: Store) -> None:
    escalation = item(
        amount={"deep": [1, 2.5, None, True, "é\u202e\0", 2**53 - 1]},
        rule=Rule("limit", 3, "above €1,000"),
        led_here=(TrailEntry(entry_id="1", at=NOW, kind=TrailKind.REASONING, title="why", data={"x": [1]}),),
        caveats=("first",),
        confidence=0.62,
    )
    proposal = dataclasses.replace(escalation.proposal, changes=(Change("balance", "€10", "€0"),))  # type: ignore[type-var]
    escalation = dataclasses.replace(escalation, proposal=proposal)
    store.items.put("ledger", escalation, NOW)
    found = store.items.find(escalation.key.item_id)
    assert found is not None
    assert found.escalation == escalation
    assert found.digest == escalation_digest(escalation) == escalation_digest(found.escalation)
    assert found.read_at == NOW
    assert titles(store) == ["Refund 1"]


def test_reading_again_tells_what_changed(store: Store) -> None:
    item_id = item().key.item_id
    assert store.items.put("ledger", item(), NOW).changed == {item_id}
    assert not store.items.put("ledger", item(), NOW)
    assert store.items.put("ledger", item(amount=4_200), NOW).changed == {item_id}
    assert store.items.read_at([item_id, "never"]) == {item_id: (NOW, escalation_digest(item(amount=4_200)))}


@pytest.mark.parametrize(
    "amount", [float("nan"), float("inf"), "half a \ud83d pair", 2**60], ids=["nan", "infinity", "surrogate", "integer"]
)
def test_what_cannot_be_signed_is_kept_with_a_problem_and_no_verdict(store: Store, amount: object) -> None:
    escalation = item(amount=amount)
    store.items.put("ledger", escalation, NOW)
    found = store.items.find(escalation.key.item_id)
    assert found is not None
    assert "cannot be signed" in found.escalation.row.problem
    assert found.escalation.verdicts == ()
    assert found.digest == ""
    assert titles(store) == ["Refund 1"]


def test_what_is_too_large_to_show_says_so(store: Store) -> None:
    escalation = item(amount="x" * MAX_ITEM_BYTES)
    store.items.put("ledger", escalation, NOW)
    found = store.items.find(escalation.key.item_id)
    assert found is not None
    assert "8.0 MB" in found.escalation.row.problem
    assert found.escalation.verdicts == ()


def test_five_megabytes_are_kept(store: Store) -> None:
    escalation = item(amount=["x" * 1_000_000] * 5)
    store.items.put("ledger", escalation, NOW)
    found = store.items.find(escalation.key.item_id)
    assert found is not None
    assert found.escalation == escalation


def test_of_a_partly_unreadable_item_the_digest_is_the_engines_word(store: Store) -> None:
    escalation = item(row=row(problem="one of its times has no zone", digest="ab" * 32), verdicts=(Verdict.REJECT,))
    store.items.put("ledger", escalation, NOW)
    found = store.items.find(escalation.key.item_id)
    assert found is not None
    assert found.digest == "ab" * 32


def test_an_item_without_a_name_is_refused(store: Store) -> None:
    key = EscalationKey(RunRef("fake:one", "run\ud800", "chain"), "gate", 1)
    with pytest.raises(ValueError, match="surrogates"):
        store.items.put("ledger", item(row=row(key=key)), NOW)
    assert titles(store) == []
