"""A person at the inbox of a real desk: reading, deciding with every friction, and being told the truth."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import Claim, Comment, EscalationKey, Kind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.qtkit.words import plain
from console.screens import OpenRun, OpenRuns
from console.screens.inbox.decision_bar import KEPT, Need
from console.screens.inbox.listing import PAGE, Emptiness
from console.screens.inbox.values import Shown
from tests.screens.inbox.makes import TARGET, proposal
from tests.screens.inbox.seat import Seat, play
from tests.screens.stage import JONAS, until

V = Verdict
ALL = tuple(Verdict)


def opening(title: str = "Refund €240", risk: Risk = Risk.LOW, **fields: object) -> Opening:
    made = Opening(title=title, risk=risk, verdicts=ALL, proposal=proposal(), targets=(TARGET,))
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]  # fields of an opening


def world(*openings: Opening) -> tuple[FakeServer, list[EscalationKey]]:
    """A server on which these wait, most urgent first."""
    server = FakeServer("eu")
    keys = [
        server.open(server.start_run(), dataclasses.replace(each, due_in=timedelta(hours=1 + number)))
        for number, each in enumerate(openings)
    ]
    return server, keys


def sent(server: FakeServer) -> list[tuple[Verdict, dict[str, Json]]]:
    return [(each.verdict, dict(each.payload)) for each in server.applied()]


async def arrives(seat: Seat) -> list[tuple[Verdict, dict[str, Json]]]:
    """What the engine applied, once it did."""
    await until(lambda: sent(seat.server), seconds=20)
    return sent(seat.server)


def test_the_most_urgent_item_is_open_and_read_in_full(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two", Risk.HIGH))

    async def act(seat: Seat) -> None:
        await until(lambda: seat.state.item is not None and seat.state.item.escalation is not None)
        assert seat.titles == ["two", "one"]
        assert seat.state.listing.selected_id == keys[1].item_id
        assert seat.state.header.title == "two"
        assert [section.label for section in seat.state.reviewed.sections] == [
            "If you approve",
            "If it is wrong, and who else",
            "What led here",
        ]

    play(tmp_path, server, act)


def test_a_low_one_goes_with_one_key_and_the_next_opens_unarmed(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        seat.press(V.APPROVE)
        await until(lambda: seat.state.listing.selected_id == keys[1].item_id)
        seat.press(V.APPROVE)
        assert seat.titles == ["two"]
        assert [row.title for row in seat.state.handled] == ["one"]
        assert seat.state.handled[0].action == "Undo"
        await until(lambda: seat.state.item is not None and seat.state.item.escalation is not None)
        seat.press(V.APPROVE)
        assert await arrives(seat) == [(V.APPROVE, {})]
        await seat.decided(DecisionState.CARRIED_OUT)
        assert "carried out" in plain(seat.state.handled[0].words)
        assert seat.titles == ["two"], "the second press met the unread next one and did nothing"

    play(tmp_path, server, act)


def test_before_it_is_painted_and_half_a_second_passed_no_key_decides(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await until(lambda: seat.state.item is not None and seat.state.item.escalation is not None)
        seat.press(V.APPROVE)
        item = seat.state.item
        assert item is not None
        seat.presenter.reading.on_painted(item.item_id, item.digest)
        seat.press(V.APPROVE)
        assert not seat.state.is_armed
        assert seat.state.bar.intent is None
        assert seat.state.too_early.startswith("Just opened: press A")
        await seat.look()
        assert not seat.state.decisions, "what came too early is not kept"
        seat.press(V.APPROVE)
        await seat.decided()
        assert keys[0].item_id == seat.state.decisions[0].item_id

    play(tmp_path, server, act)


def test_a_medium_one_waits_for_enter_and_esc_goes_back(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.MEDIUM))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        seat.press(V.APPROVE)
        assert seat.needs(Need.ENTER)
        assert seat.state.bar.hint == ("Press Enter to approve, Esc to go back")
        seat.presenter.deciding.back()
        assert seat.state.bar.intent is None
        seat.presenter.deciding.enter()
        assert seat.state.decisions == ()
        seat.press(V.REJECT)
        seat.presenter.deciding.enter()
        assert await arrives(seat) == [(V.REJECT, {})]

    play(tmp_path, server, act)


def test_a_high_one_asks_for_a_reason_and_remembers_it(tmp_path: Path) -> None:
    server, keys = world(opening("one", Risk.HIGH), opening("two", Risk.HIGH))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        assert seat.needs(Need.REASON)
        seat.presenter.deciding.enter_field()
        assert seat.state.decisions == ()
        seat.presenter.deciding.set_reason("Agrees with the bank’s file")
        seat.presenter.deciding.enter_field()
        assert await arrives(seat) == [(V.APPROVE, {"reason": "Agrees with the bank’s file"})]
        await seat.see(keys[1])
        assert seat.state.bar.reason == ""
        assert seat.state.templates.all[0] == "Agrees with the bank’s file"

    play(tmp_path, server, act)


def test_a_critical_one_asks_for_its_name_and_a_reason(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.CRITICAL))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        deciding = seat.presenter.deciding
        seat.press(V.APPROVE)
        assert seat.needs(Need.TYPED_NAME)
        deciding.set_typed("order 471")
        deciding.enter_field()
        assert seat.needs(Need.TYPED_NAME)
        deciding.set_typed("order 4711")
        deciding.enter_field()
        assert seat.needs(Need.REASON)
        deciding.set_reason("Checked.")
        deciding.enter_field()
        view = await seat.decided()
        assert view.held_for is not None
        assert view.held_for > 10

    play(tmp_path, server, act)


def test_an_edit_goes_with_the_changed_arguments_and_its_draft_is_kept(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.EDIT)
        form = seat.state.form
        assert form is not None
        assert form.value == form.base == {"order": "4711", "amount": 4200.0}
        edited: Json = {"order": "4711", "amount": 4000.0}
        seat.presenter.deciding.set_entry(edited)
        seat.presenter.move(1)
        await seat.see(keys[0])
        assert not seat.has_form()
        seat.press(V.EDIT)
        assert seat.form().value == edited
        seat.presenter.deciding.submit(edited)
        assert await arrives(seat) == [(V.EDIT, {"arguments": edited})]
        assert seat.server.effects()[0].arguments == edited

    play(tmp_path, server, act)


def test_an_answer_goes_as_it_was_given(tmp_path: Path) -> None:
    schema: dict[str, Json] = {"type": "object", "properties": {"region": {"type": "string"}}}
    asked = opening(
        risk=Risk.MEDIUM,
        kind=Kind.QUESTION,
        proposal=None,
        question="Which?",
        schema=schema,
        suggestion={"region": "NL"},
    )
    server, keys = world(asked)

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert seat.state.bar.in_bar[0].verdict is V.ANSWER
        seat.press(V.ANSWER)
        form = seat.state.form
        assert form is not None
        assert form.value == {"region": "NL"}
        assert form.schema == schema
        seat.presenter.deciding.submit({"region": "BE"})
        assert await arrives(seat) == [(V.ANSWER, {"answer": {"region": "BE"}})]

    play(tmp_path, server, act)


def test_a_reroute_goes_to_the_target_that_was_picked(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.HIGH))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.REROUTE)
        assert seat.is_picking()
        assert seat.state.bar.targets == (TARGET,)
        seat.presenter.deciding.choose(TARGET)
        assert not seat.is_picking()
        assert seat.state.bar.hint == "Say why, then press Enter to reroute to Senior agent"
        seat.presenter.deciding.set_reason("Knows the customer.")
        seat.presenter.deciding.enter_field()
        to: dict[str, Json] = {"kind": "agent", "id": "senior"}
        assert await arrives(seat) == [(V.REROUTE, {"to": to, "reason": "Knows the customer."})]

    play(tmp_path, server, act)


@pytest.mark.parametrize("verdict", [V.RETRY, V.SKIP])
def test_a_failure_is_retried_or_skipped(tmp_path: Path, verdict: Verdict) -> None:
    server, keys = world(opening(kind=Kind.FAILURE, proposal=None, failure="LedgerLocked"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(verdict)
        assert await arrives(seat) == [(verdict, {})]

    play(tmp_path, server, act)


def test_undo_brings_the_item_back_with_its_reason_and_nothing_is_sent(tmp_path: Path) -> None:
    server, keys = world(opening("one", Risk.HIGH), opening("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.deciding.set_reason("Too fast.")
        seat.press(V.APPROVE)
        await seat.decided()
        assert seat.titles == ["two"]
        seat.presenter.deciding.undo()
        await seat.decided(DecisionState.WITHDRAWN)
        await until(lambda: seat.titles == ["one", "two"])
        assert seat.state.listing.selected_id == keys[0].item_id
        await seat.look(keys[0].item_id)
        assert seat.state.bar.reason == "Too fast."
        assert sent(server) == []
        seat.presenter.deciding.undo()
        assert "Nothing can be undone" in seat.state.notice

    play(tmp_path, server, act)


def test_a_change_under_the_cursor_is_a_visible_break(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.MEDIUM))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        before = seat.state.bar.digest
        server.change(keys[0], amount=9900.0)
        await until(lambda: bool(seat.state.changed))
        assert "amount 4200 → 9900" in plain(seat.state.changed)
        assert not seat.state.is_armed
        assert seat.state.bar.intent is None, "what was pressed for the old version is void"
        assert seat.state.bar.digest != before
        seat.press(V.APPROVE)
        seat.presenter.deciding.enter()
        assert seat.state.decisions == ()
        await seat.look()
        seat.press(V.APPROVE)
        seat.presenter.deciding.enter()
        await arrives(seat)
        assert seat.server.effects()[0].arguments["amount"] == 9900.0

    play(tmp_path, server, act)


def test_an_edit_under_way_outlives_a_change(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.EDIT)
        edited: Json = {"order": "4711", "amount": 1.0}
        seat.presenter.deciding.set_entry(edited)
        server.change(keys[0], amount=9900.0)
        await until(lambda: bool(seat.state.changed))
        form = seat.state.form
        assert form is not None
        assert form.value == edited
        assert form.base == {"order": "4711", "amount": 9900.0}
        seat.presenter.deciding.submit(edited)
        assert seat.state.decisions == (), "not before the new version was seen"
        await seat.look()
        seat.presenter.deciding.submit(edited)
        assert await arrives(seat) == [(V.EDIT, {"arguments": edited})]

    play(tmp_path, server, act)


def test_an_item_decided_elsewhere_closes_before_the_eyes(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        server.decide_elsewhere(keys[0])
        await until(lambda: seat.state.item is not None and not seat.state.item.is_open)
        await until(lambda: seat.state.listing.gone == {keys[0].item_id})
        assert seat.titles == ["one", "two"], "it stays where it is while it is looked at"
        seat.press(V.APPROVE)
        assert seat.state.bar.hint == "Nothing waits here any more."
        seat.presenter.move(1)
        assert seat.titles == ["two"]

    play(tmp_path, server, act)


def test_a_refusal_of_the_desk_stays_with_the_item_in_its_words(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        item = seat.state.item
        assert item is not None
        seat.grow_deaf()
        await seat.stage.desk.decide(item.item_id, V.REJECT, item.digest, {})
        seat.press(V.APPROVE)
        await until(lambda: bool(seat.state.bar.hint))
        assert seat.state.item is item
        assert [view.decision.verdict for view in await seat.stage.desk.decisions()] == [V.REJECT]

    play(tmp_path, server, act)


def test_new_items_wait_behind_the_bar_until_asked_for(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        server.open(server.start_run(), opening("urgent", Risk.CRITICAL, due_in=timedelta(minutes=2)))
        server.open(server.start_run(), opening("later", due_in=timedelta(hours=9)))
        await until(lambda: seat.state.listing.new.count == 1 and "later" in seat.titles)
        assert seat.titles == ["one", "two", "later"]
        assert seat.state.listing.new.highest is Risk.CRITICAL
        seat.presenter.show_new()
        await until(lambda: seat.titles == ["urgent", "one", "two", "later"])
        assert not seat.state.listing.new
        assert seat.state.listing.selected_id == keys[0].item_id

    play(tmp_path, server, act)


def test_searching_and_filtering_narrow_the_list_and_say_when_nothing_matches(tmp_path: Path) -> None:
    server, _ = world(opening("Refund ACME"), opening("Post entries", Risk.HIGH), opening("Ask", kind=Kind.QUESTION))

    async def act(seat: Seat) -> None:
        seat.presenter.seeking.search("acme refund")
        await until(lambda: seat.titles == ["Refund ACME"])
        seat.presenter.seeking.search("")
        seat.presenter.seeking.filter(risks={Risk.HIGH})
        await until(lambda: seat.titles == ["Post entries"])
        seat.presenter.seeking.filter(risks=set(), kinds={Kind.QUESTION})
        await until(lambda: seat.titles == ["Ask"])
        seat.presenter.seeking.filter(is_mine=True)
        await until(lambda: seat.state.emptiness is Emptiness.NO_MATCH)
        await until(lambda: seat.state.item is None)
        seat.presenter.seeking.show_all()
        await until(lambda: len(seat.titles) == 3)

    play(tmp_path, server, act)


def test_an_empty_inbox_says_that_nothing_waits_and_fills_by_itself(tmp_path: Path) -> None:
    server = FakeServer("eu")

    async def act(seat: Seat) -> None:
        await until(lambda: seat.state.emptiness is Emptiness.NOTHING_WAITS)
        server.open(server.start_run(), opening("first"))
        await until(lambda: seat.titles == ["first"])
        assert seat.state.emptiness is None
        await seat.stage.desk.remove_connection("eu")
        await until(lambda: seat.state.emptiness is Emptiness.NO_CONNECTION)

    play(tmp_path, server, act)


def test_a_claim_is_taken_shown_and_given_back(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.reading.claim()
        await until(lambda: seat.state.is_mine)
        assert "Claimed by you" in plain(seat.state.header.claim)
        assert seat.state.is_armed, "a claim changes nothing of what is signed"
        seat.presenter.reading.claim()
        await until(lambda: not seat.state.is_mine)

    play(tmp_path, server, act)


def test_a_claim_on_screen_is_renewed(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=2)
        await seat.see(keys[0])
        server.claim(keys[0], Claim(seat.presenter.state.identity.person, soon))  # type: ignore[union-attr]  # known
        await until(lambda: seat.state.is_mine)
        seat.presenter.tick()

        def is_renewed() -> bool:
            claim = server.escalation(keys[0]).row.claim
            return claim is not None and claim.until > soon

        await until(is_renewed)

    play(tmp_path, server, act)


def test_deciding_over_a_claim_warns_and_is_recorded(tmp_path: Path) -> None:
    server, keys = world(opening())
    server.claim(keys[0], Claim(JONAS, datetime.now(UTC) + timedelta(minutes=9)))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert "Jonas Weber is on it" in seat.state.bar.warning
        seat.press(V.APPROVE)
        assert seat.needs(Need.ENTER)
        seat.presenter.deciding.enter()
        assert await arrives(seat) == [(V.APPROVE, {"over_claim": "jonas"})]

    play(tmp_path, server, act)


def test_a_comment_is_kept_with_the_item(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.reading.comment("  Customer phoned.  ")
        seat.presenter.reading.comment("   ")
        await until(lambda: len(server.escalation(keys[0]).comments) == 1)
        assert server.escalation(keys[0]).comments[0].text == "Customer phoned."

    play(tmp_path, server, act)


def test_what_is_not_all_shown_is_signed_as_partial_below_high(tmp_path: Path) -> None:
    server, keys = world(opening(proposal=proposal(arguments={"note": "x" * 5_000})))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        assert await arrives(seat) == [(V.APPROVE, {"shown": "partial"})]

    play(tmp_path, server, act)


def test_above_medium_it_has_to_be_unfolded_and_looked_at_again(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.HIGH, proposal=proposal(arguments={"note": "x" * 5_000})))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.deciding.set_reason("Agrees.")
        seat.press(V.APPROVE)
        assert "show all of it first" in seat.state.bar.hint
        seat.presenter.reading.unfold("note")
        assert seat.state.reviewed.shown is Shown.ALL
        assert not seat.state.is_armed
        await seat.look()
        seat.press(V.APPROVE)
        assert await arrives(seat) == [(V.APPROVE, {"reason": "Agrees."})]

    play(tmp_path, server, act)


def test_what_was_unfolded_folds_again_when_it_changes(tmp_path: Path) -> None:
    server, keys = world(opening(proposal=proposal(arguments={"note": "x" * 5_000})))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.reading.unfold("note")
        assert seat.shows(Shown.ALL)
        server.change(keys[0], note="y" * 6_000)
        await until(lambda: bool(seat.state.changed))
        assert seat.shows(Shown.FOLDED)

    play(tmp_path, server, act)


def test_a_viewer_decides_nothing_and_is_told_why(tmp_path: Path) -> None:
    server, keys = world(opening())

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.APPROVE)
        assert "Viewers read" in seat.state.bar.hint
        assert seat.state.decisions == ()

    play(tmp_path, server, act, person=Person("eve", "Eve", Role.VIEWER))


def test_the_run_behind_an_item_is_one_key_away(tmp_path: Path) -> None:
    server, keys = world(opening("one"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.presenter.reading.open_run()
        assert seat.window.went == [OpenRun(keys[0].run, "one")]

    play(tmp_path, server, act)


def test_an_item_that_another_screen_leads_to_opens_although_filters_hide_it(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two", Risk.HIGH))

    async def act(seat: Seat) -> None:
        seat.presenter.seeking.filter(risks={Risk.HIGH})
        await until(lambda: seat.titles == ["two"])
        seat.presenter.open(keys[0].item_id)
        await seat.look(keys[0].item_id)
        server.open(server.start_run(), opening("three", Risk.HIGH))
        await until(lambda: "three" in seat.titles)
        assert seat.state.listing.selected_id == keys[0].item_id

    play(tmp_path, server, act)


def test_ten_thousand_items_come_a_page_at_a_time(tmp_path: Path) -> None:
    server = FakeServer("eu")
    server.open_many(10_000, lambda number: opening(f"item {number}", Risk.HIGH))

    async def act(seat: Seat) -> None:
        await until(lambda: len(seat.titles) == PAGE)
        assert (seat.state.listing.total, seat.state.listing.all_waiting) == (10_000, 10_000)
        seat.presenter.on_viewport(PAGE - 10, PAGE + 1)
        await until(lambda: len(seat.titles) == 2 * PAGE)
        assert len(seat.state.lines.rows) == 2 * PAGE + 1

    play(tmp_path, server, act)


def test_an_engine_that_is_away_is_said_and_what_is_decided_is_queued(tmp_path: Path) -> None:
    server, keys = world(opening(risk=Risk.LOW))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        server.go_away()
        await until(lambda: "is away" in seat.state.bar.warning, seconds=20)
        seat.press(V.APPROVE)
        await seat.decided(DecisionState.QUEUED)
        assert "queued" in plain(seat.state.handled[0].words)
        server.come_back()
        await seat.decided(DecisionState.CARRIED_OUT)
        assert len(server.applied()) == 1

    play(tmp_path, server, act)


def test_an_item_is_handed_to_somebody_who_was_seen_on_it_and_to_nobody_else(tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(seat: Seat) -> None:
        server.comment(keys[0], Comment(JONAS, datetime.now(UTC), "I know this customer."))
        await seat.see(keys[0])
        await until(lambda: "I know this customer." in str(seat.state.context))
        assigning = seat.presenter.assigning
        assigning.begin()
        await until(lambda: seat.state.is_assigning)
        (target,) = seat.state.assignees
        assert (target.target_id, target.label) == (JONAS.person_id, f"{JONAS.name}, {JONAS.role}")
        await seat.see(keys[1])
        assert not seat.state.is_assigning, "the choice was for the other item"
        assigning.begin()
        await until(lambda: "Nobody else is known there" in seat.state.notice)
        await seat.see(keys[0])
        assigning.begin()
        await until(lambda: seat.state.is_assigning)
        assigning.choose(target)
        await until(lambda: f"{JONAS.name} is on it" in plain(seat.state.header.claim))
        assert f"Handed to {JONAS.name}, until" in seat.state.notice
        claim = server.escalation(keys[0]).row.claim
        assert claim is not None
        assert claim.by == JONAS

    play(tmp_path, server, act)


def test_until_somebody_touches_the_list_what_comes_goes_to_its_true_place(tmp_path: Path) -> None:
    server, keys = world(opening("first"))

    async def act(seat: Seat) -> None:
        await until(lambda: seat.state.listing.selected_id == keys[0].item_id)
        server.open(server.start_run(), opening("urgent", Risk.CRITICAL, due_in=timedelta(minutes=1)))
        await until(lambda: seat.titles == ["urgent", "first"])
        assert seat.state.listing.selected_id == keys[0].item_id
        seat.presenter.move(1)
        server.open(server.start_run(), opening("more urgent", Risk.CRITICAL, due_in=timedelta(seconds=30)))
        await until(lambda: seat.state.listing.new.count == 1)
        assert seat.titles == ["urgent", "first"]

    play(tmp_path, server, act)


@pytest.mark.parametrize("risk", list(Risk))
def test_completing_by_hand_asks_for_a_reason_at_any_risk_and_enter_alone_decides_nothing(
    tmp_path: Path, risk: Risk
) -> None:
    offered = Opening(title="by hand", kind=Kind.INTERVENTION, risk=risk, verdicts=(V.COMPLETE,))
    server, keys = world(offered)

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        deciding = seat.presenter.deciding
        deciding.set_reason("Paid at the bank.")
        deciding.enter_field()
        assert (seat.state.bar.intent, seat.state.bar.hint) == (None, KEPT)
        assert seat.state.decisions == ()
        deciding.set_reason("")
        assert seat.state.bar.reason_hint.startswith("Required ")
        if seat.state.bar.name_to_type:
            deciding.set_typed(seat.state.bar.name_to_type)
        seat.press(V.COMPLETE)
        assert seat.needs(Need.REASON)
        deciding.set_reason("Paid at the bank.")
        deciding.enter_field()
        view = await seat.decided()
        assert view.decision.payload["reason"] == "Paid at the bank."

    play(tmp_path, server, act)


@pytest.mark.parametrize(
    ("native_id", "leads_to"),
    [
        ("@run/refund-T-10005", OpenRun(RunRef("fake:eu", "refund-T-10005", ""), "refund-T-10005")),
        ("@plan/refund", OpenRuns("status:open workflow:refund")),
        ("@all", OpenRuns("status:open")),
    ],
)
def test_from_a_pause_one_goes_to_what_it_holds(tmp_path: Path, native_id: str, leads_to: OpenRun | OpenRuns) -> None:
    server, _ = world()
    control = server.start_run("clearance-control", title="What is paused")
    key = server.open(control, Opening(title="Paused", kind=Kind.INTERVENTION, verdicts=(V.RESUME,)), native_id)

    async def act(seat: Seat) -> None:
        await seat.see(key)
        assert "clearance-control" not in plain(seat.state.header.place)
        seat.presenter.reading.open_run()
        assert seat.window.went == [leads_to]

    play(tmp_path, server, act)
