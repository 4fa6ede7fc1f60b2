from __future__ import annotations

import dataclasses
from datetime import timedelta

from console.domain.decision import DecisionState
from console.domain.escalation import Kind
from console.store.store import Store
from tests.store.made import NOW, item, new_decision, titles

LONG = timedelta(days=91)


def test_content_goes_when_its_time_is_over_and_not_before(store: Store) -> None:
    for number in (1, 2):
        store.items.put("ledger", item(number), NOW)
    store.inbox.close([item(1).key.item_id], NOW)
    assert store.purge(NOW + timedelta(days=89)) == 0
    assert store.purge(NOW + LONG) == 1
    assert store.items.find(item(1).key.item_id) is None
    assert titles(store) == ["Refund 2"]


def test_decisions_go_when_they_are_settled_only(store: Store) -> None:
    for number in (1, 2):
        store.items.put("ledger", item(number), NOW)
        store.outbox.add(new_decision(item(number), f"d{number}"))
    store.outbox.move("d1", DecisionState.WITHDRAWN, NOW)
    assert store.purge(NOW + LONG) == 1
    assert store.outbox.find("d1") is None
    kept = store.outbox.find("d2")
    assert kept is not None
    assert kept.history


def test_what_could_be_done_and_was_not_goes_after_a_day(store: Store) -> None:
    for number in (1, 2):
        made = item(number)
        command = dataclasses.replace(made, row=dataclasses.replace(made.row, kind=Kind.COMMAND))
        store.items.put("ledger", command, NOW)
    store.outbox.add(new_decision(item(2), "d2"))
    assert titles(store) == []
    assert store.purge(NOW + timedelta(hours=23)) == 0
    assert store.purge(NOW + timedelta(hours=25)) == 1
    assert store.items.find(item(1).key.item_id) is None
    assert store.items.find(item(2).key.item_id) is not None
