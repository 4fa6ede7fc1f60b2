from __future__ import annotations

import dataclasses
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.escalation import Approval, Claim, EscalationKey, Kind, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef, TrailEntry, TrailKind
from console.domain.search import parse
from console.store.inbox import IN_ONE_QUERY
from console.store.records import StoredConnection
from console.store.rows import READ, columns, stored_row
from console.store.store import Store
from tests.store.made import ADA, LEDGER, NOW, PAT, decision, item, new_decision, receipt, row, titles, wanted

SOON = timedelta(minutes=10)


def test_a_row_comes_back_as_it_went_in(store: Store) -> None:
    full = row(
        kind=Kind.CONFLICT,
        title="Refund €4,200 to “ACME”\0 GmbH",
        risk=Risk.CRITICAL,
        due_at=NOW + SOON,
        digest="ab" * 32,
        business_key="order 4711",
        approvals=1,
        required_approvals=2,
        claim=Claim(ADA, NOW + SOON),
        problem="half of it",
        approved_by=("ada", "“a\nb”"),
        initiator="generator",
        resource="orders/4711",
    )
    store.inbox.put("ledger", [full, row(2)], NOW)
    found = {each.item_id: each for each in store.inbox.page(wanted()).rows}
    assert found[full.key.item_id].waiting == full
    assert found[row(2).key.item_id].waiting == row(2)
    assert found[full.key.item_id].read_at == found[full.key.item_id].first_seen_at == NOW


@given(
    st.builds(
        Waiting,
        key=st.builds(
            EscalationKey,
            st.builds(RunRef, st.text(), st.text(), st.text()),
            st.text(),
            st.integers(-(2**70), 2**70),
        ),
        kind=st.sampled_from(Kind),
        title=st.text(st.characters()),
        workflow=st.text(st.characters()),
        agent=st.text(),
        risk=st.sampled_from(Risk),
        opened_at=st.datetimes(timezones=st.timezones()) | st.datetimes(),
        approvals=st.integers(0, 2**70),
        problem=st.text(),
        approved_by=st.lists(st.text(st.characters())).map(tuple),
        initiator=st.text(st.characters()),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_row_is_kept_or_left_out(any_row: Waiting) -> None:
    try:
        kept = columns(any_row, "ledger", NOW)
    except ValueError:
        return
    found = stored_row([*(kept[name] for name in READ), 2])
    assert found.waiting.key == any_row.key
    # In UTC: an hour that comes twice in its zone equals nothing in another one.
    assert found.waiting.opened_at == any_row.opened_at.astimezone(UTC)


def test_one_row_that_cannot_be_kept_stops_no_other(store: Store) -> None:
    key = EscalationKey(RunRef("fake:one", "run\ud800", "chain"), "gate", 1)
    naive = NOW.replace(tzinfo=None)
    touched = store.inbox.put("ledger", [row(1), row(2, key=key), row(3, opened_at=naive), row(4)], NOW)
    assert touched.unreadable == 2
    assert sorted(titles(store)) == ["Refund 1", "Refund 4"]


def test_text_that_no_database_holds_is_replaced(store: Store) -> None:
    store.inbox.put("ledger", [row(title="half a \ud83d pair")], NOW)
    assert titles(store) == ["half a ? pair"]


def test_order_is_urgency_then_risk_then_time_left_then_age(store: Store) -> None:
    rows = [
        row(1, title="low, no due", opened_at=NOW - timedelta(days=1)),
        row(2, title="critical, no due", risk=Risk.CRITICAL),
        row(3, title="low, overdue", due_at=NOW - SOON),
        row(4, title="high, overdue", risk=Risk.HIGH, due_at=NOW),
        row(5, title="low, soon", due_at=NOW + timedelta(minutes=15)),
        row(6, title="low, sooner", due_at=NOW + timedelta(minutes=14)),
        row(7, title="low, due later", due_at=NOW + timedelta(hours=2)),
        row(8, title="low, younger"),
    ]
    store.inbox.put("ledger", rows, NOW)
    assert titles(store) == [
        "high, overdue",
        "low, overdue",
        "low, sooner",
        "low, soon",
        "critical, no due",
        "low, due later",
        "low, no due",
        "low, younger",
    ]
    page = store.inbox.page(wanted(limit=2))
    assert [each.urgency for each in page.rows] == [0, 0]
    assert page.total == page.all_waiting == 8
    assert page.by_urgency == {0: 2, 1: 2, 2: 4}
    assert page.by_risk == {Risk.LOW: 6, Risk.HIGH: 1, Risk.CRITICAL: 1}


def test_an_empty_inbox_has_counts_too(store: Store) -> None:
    page = store.inbox.page(wanted())
    assert (page.rows, page.total, page.by_urgency, page.all_waiting) == ((), 0, {0: 0, 1: 0, 2: 0}, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acme", ["Pay ACME"]),
        ("4711 pay", ["Pay ACME"]),
        ("straße", ["Straße"]),
        ("STRASSE", ["Straße"]),
        ("100%", ["100% off"]),
        ("o_f", []),
        ("\\", []),
        ("nothing", []),
        ("", ["Pay ACME", "Straße", "100% off"]),
        ('"pay acme"', ["Pay ACME"]),
        ('"acme pay"', []),
        ("-acme", ["Straße", "100% off"]),
        ("key:4711", ["Pay ACME"]),
        ('key:"order 4711"', ["Pay ACME"]),
        ("-key:4711", ["Straße", "100% off"]),
        ("title:straße,off", ["Straße", "100% off"]),
        ("risk:high", ["Straße"]),
        ("risk>=medium", ["Straße", "100% off"]),
        ("-risk>=medium", ["Pay ACME"]),
        ("kind:question,doubt", ["100% off"]),
        ("age>30m", ["Straße"]),
        ("age<30m", ["Pay ACME", "100% off"]),
        ("due<1h", ["Pay ACME", "Straße"]),
        ("-due<1h", ["100% off"]),
        ("is:overdue", ["Straße"]),
        ("is:soon", ["Pay ACME"]),
        ("is:mine", ["Pay ACME"]),
        ("is:unclaimed", ["Straße", "100% off"]),
        ("claimed:pat", ["Pay ACME"]),
        ("connection:LEDG", ["Pay ACME", "Straße", "100% off"]),
        ("connection:other", []),
        ("run:run-3", ["100% off"]),
        ("resource:'; agent:refunds", []),
        ("agent:refunds -straße 100", ["100% off"]),
    ],
)
def test_a_search_finds_just_what_it_asks_for(store: Store, text: str, found: list[str]) -> None:
    store.inbox.put(
        "ledger",
        [
            row(1, title="Pay ACME", business_key="order 4711", due_at=NOW + SOON, claim=Claim(PAT, NOW + SOON)),
            row(2, title="Straße", risk=Risk.HIGH, opened_at=NOW - timedelta(hours=1), due_at=NOW - SOON),
            row(3, title="100% off", risk=Risk.MEDIUM, kind=Kind.DOUBT, claim=Claim(ADA, NOW - SOON)),
        ],
        NOW,
    )
    assert sorted(titles(store, search=parse(text), person_id="pat")) == sorted(found)


def test_a_word_may_name_the_connection(store: Store) -> None:
    store.connections.put(StoredConnection(connection_id="other", name="Ünother", kind="fake"), NOW)
    store.inbox.put("ledger", [row(1)], NOW)
    store.inbox.put("other", [row(2)], NOW)
    assert titles(store, search=parse("üNOTH")) == ["Refund 2"]
    assert titles(store, connection_ids=frozenset({"ledger"})) == ["Refund 1"]


def test_words_inside_an_item_find_it_once_it_was_read(store: Store) -> None:
    entry = TrailEntry(
        entry_id="1", at=NOW, kind=TrailKind.REASONING, title="Policy", text="The parcel from Zürich was refused."
    )
    store.inbox.put("ledger", [row(1), row(2)], NOW)
    assert titles(store, search=parse("zurich")) == []
    store.items.put("ledger", item(1, amount=98_765, led_here=(entry,), caveats=('No "3-D" result.',)), NOW)
    for text in ("zurich", '"parcel from"', "98765", "parc", '"3-D"', "refund.pay"):
        assert titles(store, search=parse(text)) == ["Refund 1"], text
    assert titles(store, search=parse("-parcel")) == ["Refund 2"]
    for hostile in ('"', "*", "parcel OR", "NEAR(", "^", "found:x"):
        titles(store, search=parse(hostile))
    assert titles(store, search=parse("arcel")) == []
    store.items.put("ledger", item(1, amount=1), NOW)
    assert titles(store, search=parse("parcel")) == []
    store.connections.remove(LEDGER.connection_id, NOW)
    with store.database.reading() as transaction:
        assert transaction.exec_driver_sql("SELECT count(*) FROM found WHERE found MATCH 'refund'").scalar() == 0


def test_what_is_put_off_is_back_in_time_or_when_it_looks_different(store: Store) -> None:
    store.inbox.put("ledger", [row(1), row(2)], NOW)
    store.inbox.snooze([row(1).key.item_id], NOW + SOON)
    page = store.inbox.page(wanted())
    assert [each.waiting.title for each in page.rows] == ["Refund 2"]
    assert (page.all_waiting, page.snoozed, page.wakes_at) == (1, 1, NOW + SOON)
    assert store.inbox.counts(NOW) == {"ledger": 1}
    assert titles(store, search=parse("is:put-off")) == ["Refund 1"]
    assert parse("is:snoozed") == parse("is:put-off"), "a search that was kept under its old word"
    store.inbox.put("ledger", [row(1, claim=Claim(ADA, NOW + SOON))], NOW)
    assert titles(store) == ["Refund 2"]
    assert titles(store, is_mine=True, person_id=ADA.person_id) == ["Refund 1"], "hers, put off or not"
    assert titles(store, search=parse("is:mine"), person_id=ADA.person_id) == ["Refund 1"]
    assert titles(store, now=NOW + SOON) == ["Refund 1", "Refund 2"]
    assert store.inbox.counts(NOW + SOON) == {"ledger": 2}
    store.inbox.put("ledger", [row(1, risk=Risk.HIGH)], NOW)
    assert titles(store) == ["Refund 1", "Refund 2"]
    store.inbox.snooze([row(2).key.item_id], NOW + SOON)
    store.inbox.snooze([row(2).key.item_id], None)
    assert titles(store) == ["Refund 1", "Refund 2"]


def test_filters(store: Store) -> None:
    store.inbox.put(
        "ledger",
        [
            row(1, title="mine", claim=Claim(PAT, NOW + SOON)),
            row(2, title="hers", claim=Claim(ADA, NOW + SOON), risk=Risk.HIGH),
            row(3, title="no longer mine", claim=Claim(PAT, NOW - SOON)),
            row(4, title="half", approvals=1, required_approvals=2, kind=Kind.DOUBT),
        ],
        NOW,
    )
    assert titles(store, is_mine=True, person_id="pat") == ["mine"]
    assert sorted(titles(store, is_unclaimed=True)) == ["half", "no longer mine"]
    assert titles(store, needs_signature=True, signer="pat") == ["half"]
    assert titles(store, risks=frozenset({Risk.HIGH})) == ["hers"]
    assert titles(store, kinds=frozenset({Kind.DOUBT})) == ["half"]
    filtered = store.inbox.page(wanted(risks=frozenset({Risk.HIGH})))
    assert (filtered.total, filtered.all_waiting) == (1, 4)


def test_what_changed_is_told_and_only_that(store: Store) -> None:
    rows = [row(1), row(2)]
    first = store.inbox.put("ledger", rows, NOW)
    assert first.changed == {each.key.item_id for each in rows}
    assert not store.inbox.put("ledger", rows, NOW + SOON)
    again = store.inbox.put("ledger", [row(1, title="Other words"), row(2)], NOW + SOON)
    assert again.changed == {rows[0].key.item_id}
    (kept,) = [each for each in store.inbox.page(wanted()).rows if each.item_id == rows[0].key.item_id]
    assert (kept.first_seen_at, kept.read_at) == (NOW, NOW + SOON)


def test_what_a_run_no_longer_waits_for_is_closed_and_may_open_again(store: Store) -> None:
    ref = row(1).key.run
    second = row(1, key=EscalationKey(ref, "other gate", 1), title="second gate")
    store.inbox.put("ledger", [row(1), second, row(2)], NOW)
    touched = store.inbox.replace_runs("ledger", [(ref, [second])], NOW)
    assert touched.closed == {row(1).key.item_id}
    assert sorted(titles(store)) == ["Refund 2", "second gate"]
    assert store.inbox.replace_runs("ledger", [(ref, [])], NOW).closed == {second.key.item_id}
    assert store.inbox.put("ledger", [row(1)], NOW).changed == {row(1).key.item_id}
    assert sorted(titles(store)) == ["Refund 1", "Refund 2"]


def test_runs_told_together_are_each_replaced_and_no_other(store: Store) -> None:
    """More of them than fit in one query; another chain under the same run id is another run."""
    count = IN_ONE_QUERY + 10
    rows = [row(number) for number in range(count)]
    namesake = row(key=EscalationKey(dataclasses.replace(rows[0].key.run, chain_id="other"), "gate", 1))
    store.inbox.put("ledger", [*rows, namesake, row(count)], NOW)
    told = [(each.key.run, [each] if number % 2 else []) for number, each in enumerate(rows)]
    touched = store.inbox.replace_runs("ledger", told, NOW)
    assert touched.closed == {each.key.item_id for each in rows[::2]}
    assert touched.told == {each.key.item_id for each in rows[1::2]}
    assert not touched.changed
    left = {each.item_id for each in store.inbox.page(wanted(limit=2 * count)).rows}
    assert left == touched.told | {namesake.key.item_id, row(count).key.item_id}


def test_counts_follow_every_change_whoever_makes_it(store: Store, path: Path) -> None:
    store.inbox.put("ledger", [row(1), row(2), row(3)], NOW)
    assert store.inbox.counts(NOW) == store.inbox.counts(NOW) == {"ledger": 3}
    store.inbox.close([row(1).key.item_id], NOW)
    assert store.inbox.counts(NOW) == {"ledger": 2}
    with closing(Store(path)) as other:
        other.inbox.close([row(2).key.item_id], NOW)
    assert store.inbox.counts(NOW) == {"ledger": 1}
    store.items.put("ledger", item(3), NOW)
    store.outbox.add(new_decision(item(3)))
    assert store.inbox.counts(NOW) == {}


def test_closing_by_server_and_by_name(store: Store) -> None:
    elsewhere = row(3, key=EscalationKey(RunRef("fake:two", "run", "chain"), "gate", 1))
    store.inbox.put("ledger", [row(1), row(2), elsewhere], NOW)
    assert store.inbox.close_foreign("ledger", "fake:one", NOW).closed == {elsewhere.key.item_id}
    assert store.inbox.open_ids("ledger") == {row(1).key.item_id, row(2).key.item_id}
    assert store.inbox.close([row(1).key.item_id, "unknown"], NOW).closed == {row(1).key.item_id}
    assert titles(store) == ["Refund 2"]


def test_what_this_desk_decided_is_left_out_until_it_waits_again(store: Store) -> None:
    escalation = item()
    store.items.put("ledger", escalation, NOW)
    made = store.outbox.add(new_decision(escalation))
    assert titles(store) == []
    assert store.inbox.counts(NOW) == {}
    store.inbox.put("ledger", [escalation.row], NOW)
    assert titles(store) == []
    store.outbox.move(made.decision.decision_id, made.state.EXPIRED, NOW)
    assert titles(store) == ["Refund 1"]


def test_half_granted_waits_on_but_not_for_my_second_signature(store: Store) -> None:
    escalation = item(row=row(1, approvals=1, required_approvals=2))
    store.items.put("ledger", escalation, NOW)
    assert titles(store, needs_signature=True, signer="pat") == ["Refund 1"]
    made = store.outbox.add(new_decision(escalation)).decision
    assert made == decision(escalation, head=made.audit_head)
    for state in ("sending", "half-granted"):
        assert store.outbox.move("d1", type(store.outbox.find("d1").state)(state), NOW, receipt=receipt(made))  # type: ignore[union-attr]
    assert titles(store) == ["Refund 1"]
    assert titles(store, needs_signature=True, signer="pat") == []


def test_a_second_signature_is_asked_of_those_who_may_give_it(store: Store) -> None:
    signed: dict[str, object] = {"approvals": 1, "required_approvals": 2}
    store.inbox.put(
        "ledger",
        [
            row(1, title="signed by Ada", **signed, approved_by=("ada",), initiator="generator"),
            row(2, title="signed by Pat", **signed, approved_by=("pat",)),
            row(3, title="Pat's own", **signed, approved_by=("ada",), initiator="pat"),
            row(4, title="by nobody", required_approvals=2),
            row(5, title="by enough", approvals=2, required_approvals=2, approved_by=("ada", "eve")),
            row(6, title="by one like Pat", **signed, approved_by=("PAT", "pat ", "p", '"pat"')),
        ],
        NOW,
    )
    for_pat = store.inbox.page(wanted(needs_signature=True, signer="pat"))
    assert {each.waiting.title for each in for_pat.rows} == {"signed by Ada", "by one like Pat"}
    assert for_pat.to_sign == 2
    assert store.inbox.page(wanted(signer="pat")).to_sign == 2
    assert store.inbox.page(wanted(signer="ada")).to_sign == 2
    viewer = store.inbox.page(wanted(needs_signature=True))
    assert (viewer.total, viewer.to_sign, viewer.all_waiting) == (0, 0, 6)


def test_a_row_that_is_read_in_full_says_who_approved_it(store: Store) -> None:
    escalation = item(
        row=row(1, approvals=1, required_approvals=2),
        approvals=(Approval(ADA, NOW, "d0", "d" * 64), Approval(ADA, NOW, "d1", "d" * 64)),
        initiator="eve",
    )
    store.items.put("ledger", escalation, NOW)
    (found,) = store.inbox.page(wanted()).rows
    assert (found.waiting.approved_by, found.waiting.initiator) == (("ada",), "eve")
    assert [titles(store, needs_signature=True, signer=each) for each in ("ada", "eve", "pat")] == [
        [],
        [],
        ["Refund 1"],
    ]


def test_an_items_id_finds_it(store: Store) -> None:
    store.inbox.put("ledger", [row(1), row(2)], NOW)
    assert titles(store, search=parse(row(2).key.item_id)) == ["Refund 2"]
    assert titles(store, search=parse(row(2).key.item_id[:6])) == []


def test_removing_a_connection_removes_what_waits_there(store: Store) -> None:
    store.items.put("ledger", item(), NOW)
    store.connections.remove(LEDGER.connection_id, NOW)
    assert titles(store) == []
    assert store.items.find(item().key.item_id) is None


def test_ten_thousand_rows(store: Store) -> None:
    rows = [row(number, risk=Risk(1 + number % 4), title=f"Refund {number}") for number in range(10_000)]
    for start in range(0, len(rows), 1_000):
        store.inbox.put("ledger", rows[start : start + 1_000], NOW)
    page = store.inbox.page(wanted())
    assert len(page.rows) == 200
    assert page.total == 10_000
    assert {each.waiting.risk for each in page.rows} == {Risk.CRITICAL}
    gone = store.inbox.close([each.key.item_id for each in rows[:7_000]], NOW)
    assert len(gone.closed) == 7_000
    assert store.inbox.counts(NOW) == {"ledger": 3_000}


def test_items_about_the_same_are_found_over_all_connections(store: Store) -> None:
    store.connections.put(dataclasses.replace(LEDGER, connection_id="other", name="Other"), NOW)
    store.inbox.put("ledger", [row(1, resource="orders/4711"), row(2, resource="orders/4712"), row(3)], NOW)
    store.inbox.put("other", [row(4, resource="orders/4711", risk=Risk.CRITICAL), row(5, resource="orders/4711")], NOW)
    own = row(1).key.item_id

    def found(resource: str = "orders/4711") -> list[str]:
        return [each.waiting.title for each in store.inbox.wanting(resource, own, NOW)]

    assert found() == ["Refund 4", "Refund 5"]
    assert found("") == []
    store.inbox.close([row(4).key.item_id], NOW)
    assert found() == ["Refund 5"]


def test_no_more_items_about_the_same_are_told_than_a_pane_shows(store: Store) -> None:
    store.inbox.put("ledger", [row(number, resource="orders/4711") for number in range(12)], NOW)
    assert len(store.inbox.wanting("orders/4711", row(0).key.item_id, NOW)) == 5
