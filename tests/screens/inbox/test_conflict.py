"""A conflict at the inbox: both sides side by side, who goes first by key and by mouse, and who else is warned."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey, Kind, Verdict
from console.domain.risk import Risk
from console.domain.rules import friction
from console.engines.fake.quarrel import FIRST, RESOURCE, SCHEMA, SECOND, quarrel, sides
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.qtkit.words import plain
from console.screens import OpenRun
from console.screens.inbox import conflict, receipt
from console.screens.inbox import content as c
from console.screens.inbox.conflict import CHOOSE_FIRST, Pick
from console.screens.inbox.decision_bar import Draft, Intent, Need, Situation, bar, next_need
from console.screens.inbox.review import review
from console.screens.inbox.values import Shown
from console.screens.inbox.view_sides import SidesTable
from tests.screens.inbox.makes import DANA, NOW, decision, escalation, item, proposal, row
from tests.screens.inbox.seat import QuickClock, Seat, play
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

V, K = Verdict, Qt.Key
CONFLICT = escalation(
    Risk.HIGH,
    Kind.CONFLICT,
    {"business_key": "order 4711", "resource": RESOURCE},
    verdicts=(V.ANSWER,),
    proposal=None,
    question="Which run goes first?",
    schema=SCHEMA,
    sides=sides(),
    targets=(),
)


def world(risk: Risk = Risk.MEDIUM) -> FakeServer:
    server = FakeServer("eu")
    wanted = dataclasses.replace(quarrel(), risk=risk, due_in=timedelta(hours=1))
    server.open(server.start_run("lease"), wanted)
    server.open(server.start_run(), Opening(title="After it", due_in=timedelta(hours=2), proposal=proposal()))
    return server


def asked(server: FakeServer) -> EscalationKey:
    """The conflict that waits there."""
    return next(row.key for row in server.world.waiting() if row.kind is Kind.CONFLICT)


def answers(server: FakeServer) -> list[Json]:
    return [each.payload.get("answer") for each in server.applied()]


async def ruled(server: FakeServer) -> Json:
    await until(lambda: answers(server), seconds=20)
    return answers(server)[0]


def table() -> c.Sides:
    reviewed = review(item(CONFLICT), frozenset(), NOW)
    return next(block for section in reviewed.sections for block in section.blocks if isinstance(block, c.Sides))


def test_what_differs_is_told_from_what_is_the_same() -> None:
    lines = {line.label: line for line in table().lines}
    assert [plain(cell) for cell in lines["to"].cells] == ["card ···· 3021", "IBAN DE89 ···· 3000"]
    assert {name for name, line in lines.items() if not line.differs} == {"Does", "order", "amount"}
    assert [plain(head.run) for head in table().heads] == [FIRST, SECOND]
    assert "had it first" in table().heads[0].about


def test_what_is_too_long_to_compare_is_said_to_be_cut() -> None:
    first, second = sides()
    long = dataclasses.replace(first.proposal, arguments={**first.proposal.arguments, "note": "x" * 400})
    cut = dataclasses.replace(CONFLICT, sides=(dataclasses.replace(first, proposal=long), second))
    assert review(item(CONFLICT), frozenset(), NOW).shown is Shown.ALL
    assert review(item(cut), frozenset(), NOW).shown is Shown.CUT


def test_nothing_is_chosen_beforehand_and_every_fate_is_the_losers() -> None:
    assert not conflict.is_whole(CONFLICT, None)
    assert not any(option.is_chosen for option in conflict.ruling(CONFLICT, None).options)
    first = conflict.chosen(CONFLICT, None, Pick.FIRST)
    assert (first, conflict.label(CONFLICT, first)) == (
        {"winner": FIRST, "loser": "stop"},
        "Let A go first, stop B",
    )
    # B has nowhere to go; A has, if B goes first.
    assert [fate.name for fate in conflict.ruling(CONFLICT, first).fates] == ["stop", "wait"]
    second = conflict.chosen(CONFLICT, first, Pick.SECOND)
    fates = conflict.ruling(CONFLICT, second).fates
    assert [fate.name for fate in fates] == ["stop", "wait", "reroute"]
    rerouted = conflict.fated(CONFLICT, second, "reroute", fates[2].to)
    assert rerouted == {"winner": SECOND, "loser": "reroute", "to": "agent:senior-refund-agent"}
    # Where the other may not be rerouted, turning round leaves no half an answer.
    assert conflict.chosen(CONFLICT, rerouted, Pick.FIRST) == {"winner": FIRST, "loser": "stop"}
    assert conflict.chosen(CONFLICT, rerouted, Pick.NEITHER) == {"winner": "neither", "loser": "stop"}


def test_the_next_fate_goes_round() -> None:
    answer: Json = conflict.chosen(CONFLICT, None, Pick.SECOND)
    seen = []
    for _ in range(4):
        answer = conflict.next_fate(CONFLICT, answer)
        assert isinstance(answer, dict)
        seen.append(answer["loser"])
    assert seen == ["wait", "reroute", "stop", "wait"]
    assert conflict.next_fate(CONFLICT, None) is None


def test_a_conflict_that_offers_no_such_ruling_is_asked_as_it_says() -> None:
    foreign = dataclasses.replace(CONFLICT, schema={"type": "object"})
    assert not conflict.is_conflict(foreign)
    assert not conflict.is_conflict(dataclasses.replace(CONFLICT, sides=sides()[:1]))
    labels = [section.label for section in review(item(foreign), frozenset(), NOW).sections]
    assert "The question" in labels


@pytest.mark.parametrize("risk", [Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL])
def test_the_friction_is_that_of_the_higher_risk(risk: Risk) -> None:
    content = dataclasses.replace(CONFLICT, row=dataclasses.replace(CONFLICT.row, risk=risk))
    situation = Situation(item=item(content), person=DANA, now=NOW)
    assert bar(situation).primary_waits == CHOOSE_FIRST
    answer = conflict.chosen(content, None, Pick.FIRST)
    chosen = dataclasses.replace(situation, draft=Draft(answer=answer))
    need = next_need(chosen, Intent(verdict=V.ANSWER, payload={"answer": answer}))
    assert need is (Need.ENTER if friction(risk, V.ANSWER) == 2 else Need.REASON)
    assert bar(chosen).in_bar[0].label == "Let A go first, stop B"
    assert [button.verdict for button in bar(chosen).in_bar] == [V.ANSWER]


def test_a_ruling_travels_whole_and_only_when_it_is(tmp_path: Path) -> None:
    server = world()

    async def act(seat: Seat) -> None:
        await seat.look()
        seat.press(V.ANSWER)
        assert seat.state.bar.hint == CHOOSE_FIRST
        seat.presenter.deciding.rule(Pick.SECOND)
        seat.presenter.deciding.rule_loser("wait")
        seat.press(V.ANSWER)
        assert seat.needs(Need.ENTER)
        seat.presenter.deciding.enter()
        assert await ruled(server) == {"winner": SECOND, "loser": "wait"}

    play(tmp_path, server, act)


def test_a_conflict_that_ones_own_decision_on_a_side_settled_says_so_and_asks_nothing(tmp_path: Path) -> None:
    server = world()
    refund = server.open(server.start_run(FIRST), Opening(title="Refund it", proposal=proposal()))
    key = asked(server)
    wanted = server.world.open_item(key)
    first, second = wanted.content.sides
    # A conflict knows its sides as they were: a run that went on as another execution is the same run.
    first = dataclasses.replace(first, run=dataclasses.replace(refund.run, chain_id="chain-a"))
    wanted.content = dataclasses.replace(wanted.content, sides=(first, second), schema=SCHEMA)

    async def act(seat: Seat) -> None:
        await seat.see(key)
        assert bool(seat.state.ruling)
        await seat.see(refund)
        seat.press(V.REJECT)
        seat.presenter.deciding.enter()
        await seat.decided(DecisionState.CARRIED_OUT)
        server.close(key)
        seat.presenter.open(key.item_id)
        await until(lambda: seat.state.item is not None and bool(seat.state.item.meanwhile))
        boxes = [block for each in seat.state.reviewed.sections for block in each.blocks if isinstance(block, c.Box)]
        assert plain(boxes[0].words).startswith("Settled by your decision on “Refund it”: Rejected")
        assert boxes[0].target.endswith(refund.item_id)
        seat.presenter.deciding.rule(Pick.SECOND)
        assert seat.state.ruling is None
        assert not seat.state.bar.in_bar

    play(tmp_path, server, act)


def test_a_closed_item_tells_only_what_was_decided_on_its_runs_meanwhile() -> None:
    made = decision(DecisionState.CARRIED_OUT, V.APPROVE)
    on_side = dataclasses.replace(made.decision, key=EscalationKey(sides()[0].run, "gate", 1))
    for meanwhile, said in (
        ((dataclasses.replace(made, decision=on_side),), "Meanwhile you decided on one of its sides, “"),
        ((decision(DecisionState.CARRIED_OUT, V.REJECT),), "Meanwhile you decided on its run, “"),
        ((), "nothing was decided on it at this desk"),
    ):
        (block,) = receipt.blocks(item(CONFLICT, is_open=False, meanwhile=meanwhile), NOW)
        assert isinstance(block, c.Box | c.Remark)
        assert said in plain(block.words)
        assert "Settled" not in plain(block.words)


def test_the_way_to_each_run(tmp_path: Path) -> None:
    async def act(seat: Seat) -> None:
        await seat.look()
        seat.presenter.reading.open_side(1)
        (request,) = seat.window.went
        assert isinstance(request, OpenRun)
        assert request.ref.run_id == SECOND

    play(tmp_path, world(), act)


def test_an_item_says_who_else_wants_the_same_and_that_its_run_has_moved() -> None:
    content = escalation(row_fields={"resource": RESOURCE}, revision=4, contest="sup-2210 wants orders/4711 as well.")
    rival = row("other", title="Refund €4,200.00 once more", resource=RESOURCE)
    told = review(item(content, rivals=(rival,), revision=6), frozenset(), NOW)
    boxes = [block for section in told.sections for block in section.blocks if isinstance(block, c.Box)]
    words = [plain(box.words) for box in boxes]
    assert words[0] == "Held. sup-2210 wants orders/4711 as well."
    assert words[1] == "The run has moved on. Its state is 2 revisions further than when this was proposed."
    assert words[2].startswith("Another run wants orders/4711: Refund €4,200.00 once more")
    assert (boxes[2].action, boxes[2].target) == ("Open it", "item:other")
    calm = review(item(content, revision=4), frozenset(), NOW)
    assert not any(
        "moved on" in plain(block.words) for s in calm.sections for block in s.blocks if isinstance(block, c.Box)
    )


Act = Callable[[Desktop], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def in_desktop(qapp: QApplication, theme: Theme, tmp_path: Path) -> Play:
    """Open the window on servers and act in it."""

    def run(servers: list[FakeServer], act: Act, size: tuple[int, int] = (1440, 900)) -> None:
        async def story() -> None:
            async with desktop(theme, tmp_path, servers, clock=QuickClock(), size=size) as opened:
                await act(opened)

        in_window(qapp, story())

    return run


def test_the_winner_is_chosen_by_keys_alone(in_desktop: Play) -> None:
    server = world()

    async def act(desk: Desktop) -> None:
        await desk.see(asked(server))
        desk.key(K.Key_Right)
        desk.key(K.Key_L)
        assert [card.isChecked() for card in desk.view.ruling.cards] == [False, True, False]
        desk.key(K.Key_W)
        desk.key(K.Key_Return)
        assert await ruled(server) == {"winner": SECOND, "loser": "wait"}
        # The next item is no conflict, and there is nothing left to rule.
        await until(lambda: desk.state.item is not None and desk.state.ruling is None)
        assert not desk.view.ruling.isVisible()

    in_desktop([server], act)


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700)])
def test_the_winner_is_chosen_by_mouse(in_desktop: Play, size: tuple[int, int]) -> None:
    server = world(Risk.HIGH)

    async def act(desk: Desktop) -> None:
        await desk.see(asked(server))
        ruling = desk.view.ruling
        QTest.mouseClick(ruling.cards[1], Qt.MouseButton.LeftButton)
        await until(lambda: [chip.isVisible() for chip in ruling.fates] == [True] * 3)
        QTest.mouseClick(ruling.fates[2], Qt.MouseButton.LeftButton)
        desk.view.bar.reason.setText("Support answers for it")
        desk.hosting.inbox.deciding.set_reason("Support answers for it")
        QTest.mouseClick(desk.view.bar.buttons[V.ANSWER], Qt.MouseButton.LeftButton)
        said = {"winner": SECOND, "loser": "reroute", "to": "agent:senior-refund-agent"}
        assert await ruled(server) == said

    in_desktop([server], act, size)


def test_cards_and_table_tell_a_screen_reader_what_they_show(in_desktop: Play) -> None:
    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.ruling is not None)
        names = [card.accessibleName() for card in desk.view.ruling.cards]
        assert names == ["A goes first", "B goes first", "Neither"]
        (shown,) = desk.view.review.findChildren(SidesTable)
        assert "to: A card ···· 3021; B IBAN DE89 ···· 3000" in shown.accessibleDescription()
        # Both sides are as wide as each other, so that the eye compares across.
        widths = {each.width() for each in shown.columns[1:]}
        assert max(widths) - min(widths) <= 1

    in_desktop([world()], act)


def test_the_other_one_opens_over_connections(in_desktop: Play) -> None:
    eu, us = FakeServer("eu"), FakeServer("us")
    refund = Opening(title="Refund in Europe", proposal=proposal(), due_in=timedelta(hours=1), revision=0)
    mine = eu.open(eu.start_run(), refund)
    other = us.open(us.start_run(), dataclasses.replace(refund, title="Refund in America", due_in=timedelta(hours=2)))

    async def act(desk: Desktop) -> None:
        await desk.see(mine)
        await until(lambda: desk.state.item is not None and bool(desk.state.item.rivals))
        desk.view.review.activated.emit(f"item:{other.item_id}")
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == other.item_id)
        assert desk.state.item is not None
        assert [rival.item_id for rival in desk.state.item.rivals] == [mine.item_id]

    in_desktop([eu, us], act)


def test_a_state_that_moved_since_is_told(in_desktop: Play) -> None:
    server = FakeServer("eu")
    ref = server.start_run()
    revision = server.set_state(ref, ())
    key = server.open(ref, Opening(title="Refund", proposal=proposal(), revision=revision))
    server.set_state(ref, ())

    async def act(desk: Desktop) -> None:
        await desk.see(key)
        await until(lambda: desk.state.item is not None and desk.state.item.revision == revision + 1)
        words = [plain(b.words) for s in desk.state.reviewed.sections for b in s.blocks if isinstance(b, c.Box)]
        assert any("1 revision further" in text for text in words)

    in_desktop([server], act)
