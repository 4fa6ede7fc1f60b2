"""The inbox under real keys and clicks in the real window."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey, Kind, Verdict
from console.domain.risk import Risk
from console.domain.run import TrailEntry, TrailKind
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.qtkit.tokens import Width
from console.screens.inbox import view_rest
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.values import Shown
from tests.screens.inbox.makes import TARGET, proposal
from tests.screens.inbox.seat import QuickClock
from tests.screens.stage import until
from tests.screens.windowed import CONTROL, Desktop, desktop, in_window

V, K = Verdict, Qt.Key
Act = Callable[[Desktop], Awaitable[None]]
Play = Callable[..., None]
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"order": {"type": "string", "title": "Order"}, "amount": {"type": "number", "title": "Amount"}},
    "required": ["order", "amount"],
}


def opening(title: str = "Refund €240", risk: Risk = Risk.LOW, **fields: object) -> Opening:
    made = Opening(title=title, risk=risk, verdicts=tuple(Verdict), proposal=proposal(schema=SCHEMA), targets=(TARGET,))
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]  # fields of an opening


def world(*openings: Opening) -> tuple[FakeServer, list[EscalationKey]]:
    """A server on which these wait, most urgent first."""
    server = FakeServer("eu")
    keys = [
        server.open(server.start_run(), dataclasses.replace(each, due_in=timedelta(hours=1 + number)))
        for number, each in enumerate(openings)
    ]
    return server, keys


@pytest.fixture
def play(qapp: QApplication, theme: Theme, tmp_path: Path) -> Play:
    """Open the window on a server and act in it."""

    def run(server: FakeServer, act: Act, size: tuple[int, int] = (1440, 900)) -> None:
        async def story() -> None:
            async with desktop(theme, tmp_path, [server], clock=QuickClock(), size=size) as opened:
                await act(opened)

        in_window(qapp, story())

    return run


def verdicts(server: FakeServer) -> list[Verdict]:
    return [each.verdict for each in server.applied()]


async def applied(server: FakeServer, count: int = 1) -> list[Verdict]:
    await until(lambda: len(server.applied()) >= count, seconds=20)
    return verdicts(server)


def test_a_double_a_approves_one_item_and_never_the_next(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        desk.key(K.Key_A)
        await until(lambda: desk.state.listing.selected_id == keys[1].item_id)
        desk.key(K.Key_A)
        assert desk.view.hint.isVisible()
        assert desk.view.hint.accessibleName() == "Just opened: press A again"
        assert await applied(server) == [V.APPROVE]
        await desk.armed(keys[1])
        assert len(desk.state.decisions) == 1
        await until(lambda: not desk.view.hint.isVisible())
        assert desk.has_focus(desk.view.list.table)

    play(server, act)


def test_keys_decide_what_comes_into_an_empty_inbox(play: Play) -> None:
    server, _ = world()

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.emptiness is not None)
        key = server.open(server.start_run(), opening("first", Risk.MEDIUM))
        await desk.armed(key)
        desk.key(K.Key_A)
        desk.key(K.Key_Return)
        assert await applied(server) == [V.APPROVE]

    play(server, act)


def test_a_key_held_down_decides_nothing(play: Play) -> None:
    server, keys = world(opening("one"), opening("two", Risk.MEDIUM))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.hold(K.Key_A)
        desk.hold(K.Key_R)
        assert desk.state.bar.intent is None
        await desk.see(keys[1])
        desk.key(K.Key_A)
        desk.hold(K.Key_Return)
        await desk.settled()
        assert desk.state.decisions == ()
        assert desk.state.bar.need is Need.ENTER
        desk.key(K.Key_Return)
        assert await applied(server) == [V.APPROVE]

    play(server, act)


def test_moving_keys_may_repeat(play: Play) -> None:
    server, keys = world(*(opening(f"item {chr(65 + number)}") for number in range(6)))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.hold(K.Key_J, times=4)
        assert desk.state.listing.selected_id == keys[4].item_id
        desk.key(K.Key_K)
        assert desk.state.listing.selected_id == keys[3].item_id
        desk.key(K.Key_Down)
        assert desk.state.listing.selected_id == keys[4].item_id

    play(server, act)


def test_the_primary_is_outlined_until_armed_and_nothing_moves(play: Play) -> None:
    server, keys = world(opening("one"), opening("two", Risk.MEDIUM))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        bar = desk.view.bar
        places = {verdict: button.geometry() for verdict, button in bar.buttons.items()}
        filled = bar.buttons[V.APPROVE].grab().toImage()
        desk.key(K.Key_K)
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == keys[1].item_id)
        assert bar.buttons[V.APPROVE].grab().toImage() != filled
        assert {verdict: button.geometry() for verdict, button in bar.buttons.items()} == places
        await desk.armed(keys[1])
        assert bar.buttons[V.APPROVE].grab().toImage() == filled
        desk.key(K.Key_A)
        assert desk.view.hint.isVisible()
        assert {verdict: button.geometry() for verdict, button in bar.buttons.items()} == places

    play(server, act)


def test_a_reason_is_typed_where_it_is_asked_for_and_letters_stay_text(play: Play) -> None:
    server, keys = world(opening("one", Risk.HIGH), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        assert not desk.view.bar.buttons[V.APPROVE].isEnabled()
        assert desk.view.bar.buttons[V.APPROVE].reason == "Give a reason first."
        desk.key(K.Key_A)
        assert desk.has_focus(desk.view.bar.reason)
        approve = desk.view.bar.buttons[V.APPROVE]
        place = approve.geometry()
        assert approve.key == "↵"
        desk.type("A reason: rare")
        assert desk.state.decisions == ()
        assert desk.view.hint.isVisible()
        assert desk.view.hint.accessibleName() == "Press Enter to approve, Esc to go back"
        assert approve.geometry() == place
        desk.key(K.Key_Return)
        assert await applied(server) == [V.APPROVE]
        assert server.applied()[0].payload["reason"] == "A reason: rare"
        assert desk.has_focus(desk.view.list.table)

    play(server, act)


def test_a_reason_typed_on_after_a_refusal_gives_no_commands(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_rest, "PAUSE", 60)
    server, keys = world(opening(verdicts=(V.APPROVE, V.REJECT)), opening("next"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_W)
        assert desk.state.bar.hint, "there is no question to answer"
        desk.type("j =marm")
        assert desk.state.listing.selected_id == keys[0].item_id
        assert (desk.state.listing.marked, desk.state.bar.intent) == (frozenset(), None)
        assert desk.has_focus(desk.view.list.table)
        desk.key(K.Key_Escape)
        desk.key(K.Key_J)
        await until(lambda: desk.state.listing.selected_id == keys[1].item_id)

    play(server, act)


def test_who_rejects_types_the_reason_at_any_risk(play: Play) -> None:
    server, keys = world(opening(risk=Risk.MEDIUM), opening("next"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_R)
        assert desk.state.bar.need is Need.ENTER
        desk.type("Wrong order, on")
        assert desk.hosting.inbox_view.bar.reason.text() == "Wrong order, on"
        assert desk.state.listing.selected_id == keys[0].item_id
        desk.key(K.Key_Return)
        assert await applied(server) == [V.REJECT]
        (view,) = desk.state.decisions
        assert view.decision.payload["reason"] == "Wrong order, on"

    play(server, act)


def test_esc_leaves_the_reason_with_what_was_typed(play: Play) -> None:
    server, keys = world(opening(risk=Risk.HIGH))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        desk.type("Half a")
        desk.key(K.Key_Escape)
        assert desk.has_focus(desk.view.list.table)
        assert desk.state.bar.intent is None
        assert desk.view.bar.reason.text() == "Half a"
        desk.key(K.Key_R)
        assert await applied(server) == [V.REJECT]

    play(server, act)


def test_a_critical_one_is_signed_by_typing_its_name(play: Play) -> None:
    server, keys = world(opening(risk=Risk.CRITICAL))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        assert desk.has_focus(desk.view.bar.typed)
        desk.type("order 4711")
        assert desk.has_focus(desk.view.bar.typed), "the last letter does not take the focus away"
        desk.key(K.Key_Tab)
        assert desk.has_focus(desk.view.bar.reason)
        desk.view.bar.typed.setFocus()
        desk.key(K.Key_Return)
        assert desk.has_focus(desk.view.bar.reason)
        desk.type("Checked.")
        desk.key(K.Key_Return)
        assert await applied(server) == [V.APPROVE]

    play(server, act)


def test_an_edit_is_filled_in_and_sent_with_ctrl_enter(play: Play) -> None:
    server, keys = world(opening())

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_E)
        form = desk.view.review.form.form
        assert form is not None
        assert form.isAncestorOf(desk.focus)
        amount = form.field("amount").editor
        assert isinstance(amount, QLineEdit)
        amount.setFocus()
        amount.selectAll()
        desk.type("no number")
        desk.key(K.Key_Return, CONTROL)
        assert desk.state.decisions == ()
        amount.selectAll()
        desk.type("4000")
        desk.key(K.Key_Return, CONTROL)
        assert await applied(server) == [V.EDIT]
        assert server.effects()[0].arguments == {"order": "4711", "amount": 4000}

    play(server, act)


def test_an_edit_stays_in_sight_while_its_reason_is_asked_for(play: Play) -> None:
    server, keys = world(opening(risk=Risk.HIGH))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_E)
        pane = desk.view.review.form
        assert pane.form is not None
        amount = pane.form.field("amount").editor
        assert isinstance(amount, QLineEdit)
        for text in ("4000", "4100"):
            amount.setFocus()
            amount.selectAll()
            desk.type(text)
            desk.key(K.Key_Return, CONTROL)
            assert desk.has_focus(desk.view.bar.reason)
            assert pane.isVisible()
            assert amount.text() == text
        assert not desk.state.decisions
        desk.type("Fees.")
        assert pane.isVisible()
        desk.key(K.Key_Return)
        assert await applied(server) == [V.EDIT]
        assert server.effects()[0].arguments == {"order": "4711", "amount": 4100}
        assert not pane.isVisible()

    play(server, act)


def test_a_schema_that_cannot_be_used_leaves_raw_json(play: Play) -> None:
    remote: dict[str, Json] = {"$ref": "https://example.invalid/schema"}
    server, keys = world(opening(proposal=proposal(schema=remote)))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_E)
        form = desk.view.review.form.form
        assert form is not None
        assert form.is_raw()
        desk.key(K.Key_Return, CONTROL)
        assert await applied(server) == [V.EDIT]

    play(server, act)


def test_an_answer_is_given_in_a_form(play: Play) -> None:
    schema: dict[str, Json] = {"type": "object", "properties": {"region": {"type": "string", "title": "Region"}}}
    asked = opening(kind=Kind.QUESTION, proposal=None, question="Which?", schema=schema)
    server, keys = world(asked)

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_W)
        assert desk.view.review.scrolled.isVisible(), "what is asked stays in sight"
        desk.type("BE")
        desk.key(K.Key_Return, CONTROL)
        assert await applied(server) == [V.ANSWER]
        assert server.applied()[0].payload == {"answer": {"region": "BE"}}

    play(server, act)


def test_a_target_is_picked_by_typing(play: Play) -> None:
    others = tuple(dataclasses.replace(TARGET, target_id=name, label=name) for name in ("payments", "manual review"))
    server, keys = world(opening(targets=(TARGET, *others)))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_T)
        picker = desk.view.picker
        assert picker.isVisible()
        desk.type("man")
        assert picker.table.rows.rowCount() == 1
        desk.hold(K.Key_Return)
        assert picker.isVisible()
        desk.key(K.Key_Return)
        assert await applied(server) == [V.REROUTE]
        assert server.applied()[0].payload == {"to": {"kind": "agent", "id": "manual review"}}
        assert not picker.isVisible()

    play(server, act)


def test_undo_takes_back_what_is_held(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        await until(lambda: bool(desk.state.handled))
        desk.key(K.Key_U)
        await until(lambda: desk.state.handled[0].icon == "undo-2")
        await desk.armed(keys[0])
        assert verdicts(server) == []

    play(server, act)


def test_an_item_left_and_opened_again_before_the_other_is_drawn_arms_anew(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.hosting.inbox.select(keys[1].item_id)
        desk.hosting.inbox.select(keys[0].item_id)
        assert not desk.state.is_armed
        await desk.armed(keys[0])

    play(server, act)


def test_undo_can_be_clicked_in_the_tray(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        table = desk.view.list.tray.table
        await until(lambda: table.isVisible() and table.rows.rowCount() == 1)
        corner = table.viewport().rect().bottomRight()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=corner - type(corner)(20, 14))
        await until(lambda: desk.state.handled[0].icon == "undo-2")
        assert verdicts(server) == []

    play(server, act)


def test_the_tray_tells_the_truth_until_it_is_carried_out(play: Play) -> None:
    server, keys = world(opening("one"))
    server.carries_out = False

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        await until(lambda: bool(desk.state.decisions) and desk.state.decisions[0].state is DecisionState.CONFIRMED, 20)
        tray = desk.view.list.tray.table
        assert "carried out" not in tray.rows.row(0).said
        server.carry_out(server.arrived[0])
        await until(lambda: "carried out" in tray.rows.row(0).said, seconds=20)
        assert tray.rows.row(0).remark.startswith("run-1/gate/1"[:8])

    play(server, act)


def test_searching_takes_letters_and_leaves_the_keys_alone(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_Slash)
        assert desk.has_focus(desk.view.list.filters.search)
        desk.type("two")
        await until(lambda: [row.waiting.title for row in desk.state.listing.rows] == ["two"])
        desk.key(K.Key_Escape)
        assert desk.has_focus(desk.view.list.table)
        assert desk.state.decisions == ()

    play(server, act)


def test_nothing_matches_offers_the_way_back(play: Play) -> None:
    server, _ = world(opening("one"))

    async def act(desk: Desktop) -> None:
        desk.view.list.filters.mine.click()
        await until(lambda: desk.view.list.body.currentIndex() == 1)
        empty = desk.view.list.body.currentWidget()
        assert empty is not None
        assert "Nothing matches" in empty.accessibleName()
        desk.view.list.helped.emit(desk.state.emptiness)
        await until(lambda: desk.view.list.body.currentIndex() == 0)
        assert not desk.view.list.filters.mine.isChecked()

    play(server, act)


def test_the_bar_of_new_items_never_pushes_the_row_under_the_cursor(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"), opening("three"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[1])
        table = desk.view.list.table
        strict = QAbstractItemModelTester.FailureReportingMode.Fatal
        tester = QAbstractItemModelTester(table.rows, strict)

        def top() -> int:
            return table.viewport().mapToGlobal(table.visualRect(table.currentIndex()).topLeft()).y()

        before = top()
        server.open(server.start_run(), opening("urgent", Risk.CRITICAL, due_in=timedelta(minutes=1)))
        await until(desk.view.list.strip.isVisible)
        await desk.settled()
        assert top() == before
        assert table.current_id() == keys[1].item_id
        desk.key(K.Key_N)
        await until(lambda: table.rows.rowCount() == 6)
        assert table.current_id() == keys[1].item_id
        assert not desk.view.list.strip.isVisible()
        server.close(keys[2])
        await until(lambda: table.rows.rowCount() == 5)
        tester.deleteLater()

    play(server, act)


def test_enter_in_a_comment_sends_the_comment_and_decides_nothing(play: Play) -> None:
    server, keys = world(opening(risk=Risk.MEDIUM))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_A)
        assert desk.state.bar.need is Need.ENTER
        desk.key(K.Key_M)
        assert desk.has_focus(desk.view.context.comment)
        desk.type("A customer phoned")
        desk.key(K.Key_Return)
        assert desk.state.bar.need is Need.ENTER
        await until(lambda: len(server.escalation(keys[0]).comments) == 1)
        assert desk.state.decisions == ()
        assert desk.view.context.comment.text() == ""

    play(server, act)


def test_what_the_table_makes_current_by_itself_is_no_choice_of_a_person(play: Play) -> None:
    server, keys = world(*(opening(str(number), risk) for number, risk in enumerate((Risk.HIGH, Risk.LOW, Risk.HIGH))))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[1])
        chosen: list[str] = []
        desk.view.list.selected.connect(chosen.append)
        desk.hosting.inbox.seeking.filter(risks={Risk.HIGH})
        await until(lambda: len(desk.state.listing.rows) == 2)
        assert desk.state.listing.selected_id == keys[0].item_id
        assert desk.view.list.table.current_id() == keys[0].item_id
        assert chosen == []

    play(server, act)


def test_the_selected_row_stays_in_sight_when_the_tray_grows(play: Play) -> None:
    server, keys = world(*(opening(f"Item {chr(65 + number)}") for number in range(30)))

    async def act(desk: Desktop) -> None:
        table = desk.view.list.table
        await desk.see(keys[0])
        viewport = table.viewport()
        last = max(row for row in range(30) if table.visualRect(table.rows.index(row, 0)).bottom() < viewport.height())
        desk.hosting.inbox.select(str(table.rows.id_at(last)))
        before = viewport.height()
        decided = await desk.stage.desk.item(keys[0].item_id)
        assert decided is not None
        for key in keys[:3]:
            item = await desk.stage.desk.refresh(key.item_id)
            assert item is not None
            await desk.stage.desk.decide(key.item_id, Verdict.APPROVE, item.digest, {})
        await until(lambda: viewport.height() < before)
        assert table.visualRect(table.currentIndex()).bottom() < viewport.height()

    play(server, act)


def test_the_selected_row_is_in_sight_after_every_key_that_moves_the_list(play: Play) -> None:
    server, keys = world(*(opening(f"Row {chr(65 + each)}", Risk.HIGH if each % 2 else Risk.LOW) for each in range(30)))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        table = desk.view.list.table

        def is_seen() -> bool:
            return table.viewport().rect().contains(table.visualRect(table.currentIndex()))

        await until(lambda: table.rows.rowCount() > 30)
        desk.key(K.Key_End)
        assert table.currentIndex().row() == table.rows.rowCount() - 1
        assert is_seen()
        await desk.settled()
        new = server.open(server.start_run(), opening("urgent", Risk.CRITICAL, due_in=timedelta(minutes=1)))
        await until(desk.view.list.strip.isVisible)
        desk.key(K.Key_N)
        await desk.armed(new)
        assert is_seen()
        assert table.verticalScrollBar().value() == 0
        desk.key(K.Key_End)
        desk.key(K.Key_Home)
        assert table.current_id() == new.item_id
        assert table.verticalScrollBar().value() == 0
        desk.hosting.inbox.seeking.filter(risks={Risk.HIGH})
        await until(lambda: table.rows.rowCount() < 20)
        desk.key(K.Key_End)
        await desk.settled()
        desk.key(K.Key_1)
        await until(lambda: table.rows.rowCount() > 30)
        assert is_seen()
        assert not server.applied()

    play(server, act)


def test_a_heading_folds_its_group(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        table = desk.view.list.table
        QTest.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.rows.index(0, 0)).center()
        )
        await until(lambda: table.rows.rowCount() == 1)
        QTest.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.rows.index(0, 0)).center()
        )
        await until(lambda: table.rows.rowCount() == 3)
        assert desk.state.listing.selected_id == keys[0].item_id

    play(server, act)


def test_a_change_under_the_eyes_shows_a_banner_and_arms_anew(play: Play) -> None:
    server, keys = world(opening())

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        server.change(keys[0], amount=9900.0)
        await until(desk.view.review.changed.isVisible)
        assert "4200 → 9900" in desk.view.review.changed.accessibleName()
        desk.key(K.Key_A)
        assert desk.state.decisions == ()
        await desk.armed(keys[0])
        desk.key(K.Key_Escape)
        assert not desk.view.review.changed.isVisible()

    play(server, act)


def test_hostile_content_is_shown_bounded_and_the_window_lives(play: Play) -> None:
    line = "x" * 300_000
    bidi = "Pay \u202e0001\u202c now <b>bold</b> <img src='file:///etc/hostname'>"
    hostile = opening(
        bidi,
        proposal=proposal(arguments={"note": line, "deep": {"a": ["\u0007", bidi]}}, summary=bidi),
        caveats=(line[:3_000],) * 20,
        led_here=(TrailEntry(entry_id="1", at=None, kind=TrailKind.NOTE, title=line[:3_000], text=bidi),),
    )
    server, keys = world(hostile, opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        assert desk.state.reviewed.shown is Shown.CUT
        assert "Not all of it is shown" in desk.state.bar.warning
        assert "‹U+202E›" in desk.state.header.title
        assert (
            max(len(each.toPlainText()) for each in desk.view.findChildren(QPlainTextEdit) or [QPlainTextEdit()])
            <= 40_000
        )
        desk.window.grab()
        desk.key(K.Key_A)
        await applied(server)
        assert server.applied()[0].payload == {"shown": "partial"}
        await desk.armed(keys[1])

    play(server, act)


def test_everything_that_takes_the_focus_has_a_name(play: Play) -> None:
    server, keys = world(
        opening("one", Risk.CRITICAL), opening("two", kind=Kind.QUESTION, question="Which?", schema=SCHEMA)
    )

    async def act(desk: Desktop) -> None:
        for key, verdict in ((keys[0], K.Key_E), (keys[1], K.Key_W)):
            await desk.see(key)
            desk.key(verdict)
            nameless = [
                f"{type(each).__name__} {each.objectName()}"
                for each in desk.window.findChildren(QWidget)
                if each.isVisible()
                and each.focusPolicy() & Qt.FocusPolicy.TabFocus
                and not (each.accessibleName() or getattr(each, "text", str)())
            ]
            assert nameless == []
            desk.key(K.Key_Escape)

    play(server, act)


def test_tab_reaches_search_rows_and_every_open_verdict(play: Play) -> None:
    server, keys = world(opening())

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        reached: list[QWidget] = []
        for _ in range(60):
            desk.key(K.Key_Tab)
            reached.append(desk.focus)
        view = desk.view
        wanted = {view.list.filters.search, view.list.table, view.bar.reason, view.context.comment, view.bar.more}
        wanted |= {button for button in view.bar.buttons.values() if button.isEnabled()}
        assert wanted <= set(reached)
        order = [reached.index(view.bar.buttons[each]) for each in (V.APPROVE, V.EDIT, V.REJECT, V.REROUTE)]
        assert order == sorted(order)

    play(server, act)


def test_a_button_is_pressed_with_space_once(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.view.bar.buttons[V.APPROVE].setFocus()
        desk.key(K.Key_Space)
        desk.hold(K.Key_Space)
        assert await applied(server) == [V.APPROVE]
        await desk.armed(keys[1])
        assert len(desk.state.decisions) == 1

    play(server, act)


@pytest.mark.parametrize(("width", "is_folded"), [(1100, True), (1299, True), (1300, False), (1440, False)])
def test_the_context_folds_where_there_is_no_room(play: Play, width: int, is_folded: bool) -> None:
    server, keys = world(opening())

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        assert desk.view.context.is_folded is is_folded
        desk.key(K.Key_F8)
        assert desk.view.context.is_folded is not is_folded
        assert desk.view.context.width() == (Width.CONTEXT if is_folded else Width.CONTEXT_FOLDED)

    play(server, act, size=(width, 700))


def test_no_button_is_squeezed_in_the_smallest_window(play: Play) -> None:
    server, keys = world(
        opening("one", Risk.CRITICAL, required_approvals=2), opening("two", kind=Kind.STUCK), opening("three")
    )

    async def act(desk: Desktop) -> None:
        for key in keys:
            await desk.see(key)
            for button in (*desk.view.bar.buttons.values(), desk.view.bar.more):
                assert button.width() >= button.sizeHint().width()
                assert button.mapTo(desk.view.bar, button.rect().topRight()).x() < desk.view.bar.width()

    play(server, act, size=(1100, 700))


def test_the_keys_of_the_inbox_rest_while_another_screen_is_in_front(play: Play) -> None:
    server, keys = world(opening())

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_O)
        await until(lambda: desk.window.front == "run")
        desk.key(K.Key_A)
        desk.key(K.Key_Y)
        await asyncio.sleep(0.1)
        assert desk.state.decisions == ()
        desk.key(K.Key_G)
        desk.key(K.Key_I)
        await until(lambda: desk.window.front == "inbox")
        await desk.armed(keys[0])
        desk.key(K.Key_A)
        assert await applied(server) == [V.APPROVE]

    play(server, act)
