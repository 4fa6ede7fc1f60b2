"""Two persons, one proposal: the queue of second signatures, what the first one left, and who is kept from signing."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import Claim, EscalationKey, Verdict
from console.domain.identity import Role
from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.engines.fake.server import COLLEAGUE, FakeServer
from console.qtkit.words import plain
from console.screens.inbox import content as c
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.listing import Emptiness
from tests.screens.inbox.makes import TARGET, proposal
from tests.screens.inbox.seat import Seat, play
from tests.screens.stage import DANA, JONAS, until

V, S = Verdict, DecisionState
NAME = "order 4711"


def critical(title: str, **fields: object) -> Opening:
    made = Opening(
        title=title,
        risk=Risk.CRITICAL,
        verdicts=tuple(Verdict),
        proposal=proposal(),
        targets=(TARGET,),
        required_approvals=2,
    )
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]  # fields of an opening


def world(*openings: Opening) -> tuple[FakeServer, list[EscalationKey]]:
    server = FakeServer("eu")
    return server, [server.open(server.start_run(), each) for each in openings]


def card(seat: Seat) -> c.Signed:
    """The first signature, which stands before everything else."""
    first = seat.state.reviewed.sections[0]
    assert first.label == "First signature"
    (block,) = first.blocks
    assert isinstance(block, c.Signed)
    return block


def sign(seat: Seat) -> None:
    """Approve as the bar asks for it."""
    seat.press(V.APPROVE)
    assert seat.needs(Need.TYPED_NAME)
    seat.presenter.deciding.set_typed(NAME)
    seat.presenter.deciding.enter()
    assert seat.needs(Need.REASON)
    seat.presenter.deciding.set_reason("Seen as well.")
    seat.presenter.deciding.enter()


def test_the_queue_holds_what_another_signed_and_shows_first_what_they_saw_changed_and_wrote(tmp_path: Path) -> None:
    server, keys = world(critical("edited"), critical("fresh"), critical("mine", initiator=DANA.person_id))
    edited: dict[str, Json] = {"order": "4711", "amount": 4100.0}
    server.decide_elsewhere(keys[0], V.EDIT, {"arguments": edited, "reason": "One piece came."})
    server.decide_elsewhere(keys[2], V.APPROVE, {"reason": "Fine."})

    async def act(seat: Seat) -> None:
        await until(lambda: len(seat.titles) == 3)
        assert seat.state.listing.to_sign == 1
        seat.presenter.seeking.toggle_to_sign()
        await until(lambda: seat.titles == ["edited"])
        await seat.see(keys[0])
        signed = card(seat)
        assert (signed.name, signed.count, signed.wrote) == (COLLEAGUE.name, "1 of 2", "One piece came.")
        assert plain(signed.changed[0]) == "amount 4200.0 → 4100.0"
        assert plain(signed.compared).endswith("= the same as you see now")
        sign(seat)
        await until(lambda: seat.state.emptiness is Emptiness.NOTHING_TO_SIGN)
        await seat.decided(S.CARRIED_OUT)
        (effect,) = server.effects()
        assert effect.arguments == edited
        await until(lambda: seat.state.listing.to_sign == 0)
        seat.presenter.seeking.show_all()
        await until(lambda: sorted(seat.titles) == ["fresh", "mine"])

    play(tmp_path, server, act)


def test_what_changed_after_the_first_signature_is_not_called_the_same(tmp_path: Path) -> None:
    server, keys = world(critical("one"))
    server.decide_elsewhere(keys[0], V.APPROVE, {"reason": "Fine."})

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert plain(card(seat).compared).endswith("= the same as you see now")
        server.change(keys[0], amount=9_999.0)
        await until(lambda: bool(seat.state.changed))
        assert plain(card(seat).compared).endswith("≠ not what you see now")

    play(tmp_path, server, act)


def test_nobody_approves_what_they_started_and_the_bar_says_who_can(tmp_path: Path) -> None:
    server, keys = world(critical("one", initiator=DANA.person_id))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert "You started this run" in seat.state.bar.hindrance
        assert "an operator or a supervisor" in seat.state.bar.hindrance
        for verdict in (V.APPROVE, V.EDIT):
            seat.press(verdict)
            assert seat.state.bar.hint == "You started this run; another person has to approve it."
            assert seat.state.bar.intent is None
        assert seat.presenter.reading.copied() == keys[0].item_id
        assert keys[0].item_id in seat.state.notice
        seat.presenter.seeking.search(keys[0].item_id)
        await until(lambda: seat.state.listing.is_filtered and seat.titles == ["one"])
        assert server.arrived == []

    play(tmp_path, server, act)


def test_a_second_signature_of_the_same_person_is_kept_from_being_given(tmp_path: Path) -> None:
    server, keys = world(critical("one"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        sign(seat)
        await seat.decided(S.HALF_GRANTED)
        await until(lambda: seat.titles == ["one"])
        await seat.see(keys[0])
        await until(lambda: "You have approved this already" in seat.state.bar.hindrance)
        assert seat.state.header.signatures == "You signed, 1 of 2"
        assert seat.state.listing.to_sign == 0
        seat.press(V.APPROVE)
        assert seat.state.bar.hint == "You have approved this already; it needs another person."
        assert (len(server.arrived), server.effects()) == (1, ())
        server.decide_elsewhere(keys[0])
        await seat.decided(S.CARRIED_OUT)
        assert len(server.effects()) == 1

    play(tmp_path, server, act)


def test_a_signature_of_ones_own_is_withdrawn_at_once_and_the_item_waits_for_it_again(tmp_path: Path) -> None:
    server, keys = world(critical("one"), critical("two"))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert seat.state.bar.button(V.WITHDRAW) is None
        seat.press(V.WITHDRAW)
        assert seat.state.bar.intent is None
        sign(seat)
        await seat.decided(S.HALF_GRANTED)
        seat.presenter.show_new()
        await seat.see(keys[0])
        await until(lambda: "you can withdraw your approval" in seat.state.bar.hindrance)
        seat.press(V.WITHDRAW)
        assert seat.state.bar.hint == "Press Enter to withdraw your approval, Esc to go back"
        seat.presenter.deciding.enter()
        view = await seat.decided(S.CARRIED_OUT)
        assert (view.decision.verdict, view.held_for, S.HELD in dict(view.history)) == (V.WITHDRAW, None, False)
        assert view.decision.payload == {}
        assert seat.state.listing.selected_id == keys[0].item_id
        await until(
            lambda: seat.state.header.signatures == "Needs 2 signatures" and sorted(seat.titles) == ["one", "two"]
        )
        assert seat.state.bar.button(V.WITHDRAW) is None
        told = {each.decision.verdict: each for each in seat.state.decisions}
        await until(lambda: seat.state.decisions[1].state is S.SUPERSEDED)
        assert seat.state.decisions[1].message == f"{DANA.name} withdrew the approval."
        assert told.keys() == {V.APPROVE, V.WITHDRAW}
        await seat.see(keys[0])
        assert seat.state.bar.hindrance == ""
        assert seat.state.bar.reason == ""
        sign(seat)
        await seat.decided(S.HALF_GRANTED)
        server.decide_elsewhere(keys[0])
        await seat.decided(S.CARRIED_OUT)
        assert len(server.effects()) == 1

    play(tmp_path, server, act)


def test_what_another_person_signed_is_not_offered_to_be_withdrawn(tmp_path: Path) -> None:
    server, keys = world(critical("one"))
    server.decide_elsewhere(keys[0])

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert seat.state.bar.button(V.WITHDRAW) is None
        (beside,) = [each for each in seat.state.context if each.label == "Signatures"]
        assert not [each for each in beside.blocks if isinstance(each, c.TakeBack)]
        seat.press(V.WITHDRAW)
        seat.presenter.deciding.enter()
        assert len(server.arrived) == 1

    play(tmp_path, server, act)


def test_an_edit_by_the_second_person_says_that_it_voids_the_first_signature(tmp_path: Path) -> None:
    server, keys = world(critical("one"))
    server.decide_elsewhere(keys[0])

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        seat.press(V.EDIT)
        assert seat.form().remark == (
            "An edit voids what Ada Colleague signed: another person has to sign your version."
        )

    play(tmp_path, server, act)


def test_a_viewer_has_no_queue(tmp_path: Path) -> None:
    server, keys = world(critical("one"))
    server.decide_elsewhere(keys[0])

    async def act(seat: Seat) -> None:
        await until(lambda: seat.titles == ["one"])
        assert seat.state.listing.to_sign == 0

    play(tmp_path, server, act, person=dataclasses.replace(DANA, role=Role.VIEWER))


def test_taking_over_a_claim_is_told(tmp_path: Path) -> None:
    server, keys = world(critical("one"))
    server.claim(keys[0], Claim(JONAS, datetime.now(UTC) + timedelta(minutes=9)))

    async def act(seat: Seat) -> None:
        await seat.see(keys[0])
        assert "Jonas Weber is on it, 8 min left" in plain(seat.state.header.claim)
        seat.presenter.reading.claim()
        await until(lambda: seat.state.is_mine)
        await until(lambda: seat.state.notice == "You took it over from Jonas Weber, who was on it.")

    play(tmp_path, server, act)
