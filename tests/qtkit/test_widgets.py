"""The widgets keep their promises: plain text only, reasons told, keyboard and screen reader served."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.qtkit.arguments import Argument, ArgumentGrid
from console.qtkit.buttons import Button, Kind
from console.qtkit.datatext import DataText
from console.qtkit.fields import Field, SearchField
from console.qtkit.focus import FocusRing
from console.qtkit.gauges import Ring, Share, ShareBar, Track
from console.qtkit.marks import Avatar, initials
from console.qtkit.notes import EmptyState, Note, StatusItem, Strip
from console.qtkit.panes import Pane, Scroll
from console.qtkit.pills import Chip, Pill
from console.qtkit.tables import Change, ChangeTable
from console.qtkit.tabs import RailItem, Tabs, TabSpec
from console.qtkit.text import Text
from console.qtkit.theme import Mode, Theme
from console.qtkit.tokens import DARK, LIGHT, Height, Style, Tone
from console.qtkit.words import Span, link, plain, spans, strong

pytestmark = pytest.mark.usefixtures("theme")


def shown(qtbot: QtBot, widget: QWidget, width: int = 0, height: int = 0) -> QWidget:
    qtbot.addWidget(widget)
    size = widget.sizeHint()
    widget.resize(QSize(width or size.width(), height or size.height()))
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def press(within: QWidget, name: str) -> None:
    button_of(within, name).click()


def button_of(within: QWidget, name: str) -> Button:
    (button,) = (each for each in within.findChildren(Button) if each.accessibleName() == name)
    return button


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def count_of(widget: QWidget, colour: str) -> int:
    seen = picture(widget)
    wanted = QColor(colour).rgb()
    return sum(seen.pixel(x, y) == wanted for x in range(seen.width()) for y in range(seen.height()))


def said(widget: QWidget) -> str:
    """What a screen reader is told as the name."""
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def test_markup_is_shown_as_it_is_written(qtbot: QtBot) -> None:
    text = Text('<img src="file:///etc/passwd"> <b>now</b> & pay\u202e')
    shown(qtbot, text)
    assert text.text() == '<img src="file:///etc/passwd"> <b>now</b> & pay‹U+202E›'
    assert text.textFormat() is Qt.TextFormat.PlainText
    assert said(text) == text.text()


def test_tooltips_show_markup_as_it_is_written(qtbot: QtBot) -> None:
    text = Text('<img src="file:///x"> ' * 20)
    shown(qtbot, text, 100)
    assert text.toolTip().startswith("<span>&lt;img src=")


def test_a_cut_line_shows_the_whole_in_its_tooltip_and_a_whole_one_none(qtbot: QtBot) -> None:
    text = Text("pricing-release · pricing-agent · tower-eu")
    shown(qtbot, text, 120)
    assert "tower-eu" in text.toolTip()
    text.resize(600, 20)
    assert text.toolTip() == ""


def test_a_paragraph_is_as_high_as_its_lines(qtbot: QtBot) -> None:
    text = Text("word " * 60, max_lines=0)
    shown(qtbot, text, 200)
    assert text.heightForWidth(200) == 20 * (text.heightForWidth(200) // 20)
    assert text.heightForWidth(200) > text.heightForWidth(400) > text.heightForWidth(4000) == 20


def test_a_million_characters_do_not_freeze_a_label(qtbot: QtBot) -> None:
    text = Text("x" * 1_000_000, max_lines=3)
    shown(qtbot, text, 300)
    assert text.heightForWidth(300) == 60


def test_links_are_reached_by_keyboard_and_mouse(qtbot: QtBot) -> None:
    text = Text(["Rule ", link("refund-limit", "rule"), ", run ", link("r-7f3a", "run")])
    holder = Pane()
    before, after = QPushButton("before"), QPushButton("after")
    for each in (before, text, after):
        holder.box.addWidget(each)
    shown(qtbot, holder, 400, 160)
    before.setFocus()
    told: list[str] = []
    text.activated.connect(told.append)
    QTest.keyClick(before, Qt.Key.Key_Tab)
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert text.hasFocus()
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert after.hasFocus()
    QTest.mouseClick(text, Qt.MouseButton.LeftButton, pos=QPoint(50, text.height() // 2))
    QTest.mouseClick(text, Qt.MouseButton.LeftButton, pos=QPoint(5, text.height() // 2))
    assert told == ["rule", "run", "rule"]


def test_text_without_links_takes_no_focus() -> None:
    text = Text(["Rule ", link("refund-limit", "rule")])
    text.set_words("Rule refund-limit")
    assert text.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_words_are_taken_in_visible() -> None:
    assert plain(["a\u200b", Span("b\u202e", is_strong=True), ""]) == "a‹U+200B›b‹U+202E›"
    assert len(spans(["a", "", Span(icon="lock")])) == 2


def test_a_blocked_button_says_why_and_keeps_its_size(qtbot: QtBot) -> None:
    button = Button("Answer", key="W")
    shown(qtbot, button)
    size = button.sizeHint()
    button.set_blocked("This engine <cannot> answer.")
    assert not button.isEnabled()
    assert button.toolTip() == "<span>This engine &lt;cannot&gt; answer.</span>"
    told = QAccessible.queryAccessibleInterface(button)
    assert told.text(QAccessible.Text.Name) == "Answer"
    assert told.text(QAccessible.Text.Description) == "This engine <cannot> answer."
    assert button.sizeHint() == size
    button.set_blocked("")
    assert (button.isEnabled(), button.toolTip(), button.reason) == (True, "", "")


def test_an_unarmed_button_is_outlined_and_of_the_same_size(qtbot: QtBot) -> None:
    button = Button("Approve", key="A", kind=Kind.PRIMARY)
    shown(qtbot, button)
    size, filled = button.sizeHint(), count_of(button, LIGHT.accentfill)
    button.set_armed(False)
    assert button.sizeHint() == size
    assert count_of(button, LIGHT.accentfill) < filled / 3


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("is_small", [False, True])
def test_a_button_has_the_height_of_its_token(qtbot: QtBot, kind: Kind, is_small: bool) -> None:
    button = Button("Copy & paste", "copy", kind=kind, is_small=is_small)
    shown(qtbot, button)
    assert button.height() == (Height.SMALL_CONTROL if is_small else Height.CONTROL)
    assert said(button) == "Copy & paste"


def test_an_icon_alone_has_a_name_too(qtbot: QtBot) -> None:
    button = Button("", "ellipsis")
    shown(qtbot, button)
    assert said(button) == "ellipsis"
    assert button.width() == button.height()


def test_the_focus_ring_follows_the_keyboard_only(qtbot: QtBot) -> None:
    holder = Pane(margins=(20, 20, 20, 20))
    first, second = Button("First"), Button("Second")
    holder.box.addWidget(first)
    holder.box.addWidget(second)
    shown(qtbot, holder, 300, 200)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    (ring,) = holder.findChildren(FocusRing)
    assert ring.geometry() == first.geometry().adjusted(-4, -4, 4, 4)
    holder.box.setContentsMargins(60, 40, 20, 20)
    holder.box.activate()
    assert ring.geometry() == first.geometry().adjusted(-4, -4, 4, 4)
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert not ring.isVisible()
    assert [each.isVisible() for each in holder.findChildren(FocusRing)] == [False]


def test_the_focus_ring_finds_room_beyond_a_tight_parent(qtbot: QtBot) -> None:
    holder = Pane(margins=(20, 20, 20, 20))
    tight = Pane()
    button = Button("Edit as JSON")
    tight.box.addWidget(button)
    holder.box.addWidget(tight)
    shown(qtbot, holder, 300, 80)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    (ring,) = holder.findChildren(FocusRing)
    assert ring.parentWidget() is holder


def test_the_focus_ring_does_not_leave_what_scrolls(qtbot: QtBot) -> None:
    inner = Pane()
    button = Button("Edit")
    inner.box.addWidget(button)
    inner.box.addSpacing(1_000)
    scroll = Scroll(inner)
    shown(qtbot, scroll, 200, 100)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    (ring,) = scroll.findChildren(FocusRing)
    assert ring.parentWidget() is scroll.viewport()
    scroll.verticalScrollBar().setValue(30)
    assert ring.y() == -34


def test_a_ring_goes_with_its_button(qtbot: QtBot) -> None:
    holder = Pane(margins=(20, 20, 20, 20))
    button = Button("Edit")
    holder.box.addWidget(button)
    shown(qtbot, holder, 200, 100)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    (ring,) = holder.findChildren(FocusRing)
    assert ring.isVisible()
    button.hide()
    assert not ring.isVisible()
    button.show()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible()
    button.setParent(None)
    button.deleteLater()
    qtbot.waitUntil(lambda: not ring.isVisible())


def test_a_chip_is_set_by_keyboard_and_told_as_checked(qtbot: QtBot) -> None:
    chip = Chip("Mine")
    shown(qtbot, chip)
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert chip.isChecked()
    assert QAccessible.queryAccessibleInterface(chip).state().checked == 1
    assert chip.sizeHint().height() == Height.CHIP


def test_a_pill_is_told_in_words(qtbot: QtBot) -> None:
    pill = Pill("High risk", "octagon-alert", Tone.HIGH)
    shown(qtbot, pill)
    assert said(pill) == "High risk"
    assert pill.height() == Height.PILL
    assert count_of(pill, LIGHT.highsoft) > 100
    pill.set_state("Critical risk", "shield-alert", Tone.CRITICAL, is_solid=True)
    assert said(pill) == "Critical risk"
    assert count_of(pill, LIGHT.critfill) > 100


def test_painted_widgets_follow_the_theme(qtbot: QtBot, theme: Theme) -> None:
    pill = Pill("High risk", "octagon-alert", Tone.HIGH)
    shown(qtbot, pill)
    theme.set_mode(Mode.DARK)
    assert count_of(pill, DARK.highsoft) > 100


def test_tabs_move_by_arrows_and_nothing_shifts(qtbot: QtBot) -> None:
    tabs = Tabs((TabSpec("trail", "Trail", "128"), TabSpec("state", "State", key="2"), TabSpec("raw", "Raw")))
    shown(qtbot, tabs)
    told: list[str] = []
    tabs.chosen.connect(told.append)
    places = [tabs.button(name).geometry() for name in ("trail", "state", "raw")]
    tabs.button("trail").setFocus()
    QTest.keyClick(tabs.button("trail"), Qt.Key.Key_Right)
    assert tabs.current() == "state"
    assert told == ["state"]
    assert [tabs.button(name).geometry() for name in ("trail", "state", "raw")] == places
    tabs.choose("raw")
    assert told == ["state"]


def test_tabs_keep_the_choice_while_counts_change(qtbot: QtBot) -> None:
    tabs = Tabs((TabSpec("a", "All", "1"), TabSpec("b", "Mine", "0")))
    shown(qtbot, tabs)
    tabs.choose("b")
    kept = tabs.button("b")
    tabs.set_tabs((TabSpec("b", "Mine", "7"), TabSpec("c", "Finance", "2")))
    assert tabs.current() == "b"
    assert tabs.button("b") is kept
    assert said(kept) == "Mine 7"


def test_a_rail_item_says_its_count(qtbot: QtBot) -> None:
    item = RailItem("Inbox", "inbox")
    shown(qtbot, item)
    item.set_badge(24)
    assert said(item) == "Inbox 24"
    item.set_badge(12_000)
    assert said(item) == "Inbox 999+"
    item.set_badge(0)
    assert said(item) == "Inbox"


def test_a_search_field_is_emptied_by_escape_once(qtbot: QtBot) -> None:
    field = SearchField("Search", "Words", "/")
    shown(qtbot, field, 240)
    QTest.keyClicks(field, "risk:high")
    with qtbot.waitSignal(field.emptied):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    with qtbot.assertNotEmitted(field.emptied):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClicks(field, "x")
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 18, 16))
    assert field.text() == ""


def test_a_field_says_what_is_wrong(qtbot: QtBot) -> None:
    field = Field("Address", placeholder="host:port")
    shown(qtbot, field, 240)
    field.set_problem("no port")
    assert field.accessibleDescription() == "no port"
    assert field.property("invalid") is True
    field.set_problem("")
    assert field.accessibleDescription() == "host:port"
    assert field.height() == Height.CONTROL


def test_a_ring_empties_and_tells(qtbot: QtBot) -> None:
    ring = Ring("held")
    shown(qtbot, ring)
    ring.start(5, 5)
    assert ring.share() > 0.9
    with qtbot.waitSignal(ring.emptied):
        ring.start(0.01, 5)
    assert ring.share() == 0


def test_measures_are_told_in_words(qtbot: QtBot) -> None:
    track = Track("confidence", 0.82)
    shown(qtbot, track)
    assert said(track) == "confidence 82 %"
    track.set_share(float("nan"))
    assert said(track) == "confidence 0 %"
    bar = ShareBar((Share("approved", 38, Tone.LOW), Share("rejected", 0, Tone.CRITICAL)))
    shown(qtbot, bar)
    assert said(bar) == "38 approved"


@pytest.mark.parametrize(("name", "letters"), [("Dana Kern", "DK"), ("Jonas", "J"), ("", "?"), ("\u202e x", "X")])
def test_initials(qtbot: QtBot, name: str, letters: str) -> None:
    assert initials(name) == letters
    shown(qtbot, Avatar(name))


def test_arguments_are_never_hidden_silently(qtbot: QtBot) -> None:
    long = "line\n" * 40
    grid = ArgumentGrid((Argument("order", "4711"), Argument("memo", long), Argument("empty", "")))
    shown(qtbot, grid, 500)
    assert grid.cut() == ("memo",)
    assert grid.heightForWidth(500) > 8 * 20
    grid.set_arguments((Argument("order", "4711"), Argument("url", "https://" + "x" * 300)))
    grid.resize(500, grid.heightForWidth(500))
    assert grid.cut() == ()
    assert grid.heightForWidth(250) > grid.heightForWidth(500) > 22


def test_arguments_are_copied_raw_and_opened_by_keyboard(qtbot: QtBot) -> None:
    grid = ArgumentGrid((Argument("order", "47\u202e11"), Argument("memo", "line\n" * 40)))
    shown(qtbot, grid, 500)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "47\u202e11"
    QTest.keyClick(grid, Qt.Key.Key_Down)
    with qtbot.waitSignal(grid.opened) as opened:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert opened.args == ["memo"]


def test_changes_are_told_before_and_after(qtbot: QtBot) -> None:
    table = ChangeTable((Change("Order 4711", "€8,400.00", "€4,200.00"), Change("Credit", "€1", "€0", strong("final"))))
    shown(qtbot, table, 460)
    assert "Before €8,400.00" in table.accessibleDescription()
    assert "After €4,200.00" in table.accessibleDescription()
    assert table.heightForWidth(460) == 24 + 2 * 26 + 1
    table.set_changes((Change("Memo", "a " * 200, "b"),))
    assert table.heightForWidth(460) > 24 + 26 + 1


def test_data_text_is_bounded_and_shows_more(qtbot: QtBot) -> None:
    text = DataText("Result", "x" * 1_000_000)
    shown(qtbot, text, 500, 300)
    assert len(text.view.toPlainText().replace("↩\n", "")) == 20_000
    assert text.is_cut()
    press(text, "Show more")
    assert len(text.view.toPlainText().replace("↩\n", "")) == 40_000
    for _ in range(20):
        press(text, "Show more")
    assert not button_of(text, "Show more").isEnabled()
    press(text, "Copy all, raw")
    assert len(QApplication.clipboard().text()) == 1_000_000
    text.set_text("short")
    assert not text.is_cut()
    assert text.view.toPlainText() == "short"


def test_a_note_leads_where_its_link_says(qtbot: QtBot) -> None:
    note = Note([strong("Another run wants order 4711.")], "git-merge", Tone.HIGH, action="Open", target="conflict")
    shown(qtbot, note, 400)
    (action,) = (each for each in note.findChildren(Text) if each.text() == "Open")
    action.setFocus()
    with qtbot.waitSignal(note.activated) as told:
        QTest.keyClick(action, Qt.Key.Key_Return)
    assert told.args == ["conflict"]
    assert said(note) == "Another run wants order 4711."


def test_strip_empty_state_and_status_are_pressed_and_told(qtbot: QtBot) -> None:
    strip = Strip(key="N")
    strip.set_words("3 new, highest is medium", "Show")
    shown(qtbot, strip, 400)
    assert said(strip) == "3 new, highest is medium, Show"
    item = StatusItem()
    item.set_status("circle-check", Tone.OK, "tower-eu", "live, 1 s old")
    shown(qtbot, item)
    assert said(item) == "tower-eu live, 1 s old"
    empty = EmptyState("inbox", "Nothing waits", "What is asked appears here.", action="Show all")
    shown(qtbot, empty, 300, 200)
    with qtbot.waitSignal(empty.pressed):
        empty.findChildren(Button)[0].click()


@pytest.mark.parametrize("style", Style)
def test_a_line_of_text_has_the_height_of_its_style(style: Style) -> None:
    assert Text("Ägypten, 4711", style).sizeHint().height() == style.line


def test_a_tree_of_widgets_can_be_thrown_away_while_it_has_the_focus(qtbot: QtBot) -> None:
    for _ in range(30):
        holder = Pane(margins=(20, 20, 20, 20))
        tight = Pane()
        buttons = [Button(str(number)) for number in range(3)]
        for each in buttons:
            tight.box.addWidget(each)
        holder.box.addWidget(tight)
        holder.show()
        holder.activateWindow()
        qtbot.waitUntil(holder.isActiveWindow)
        for each in buttons:
            each.setFocus(Qt.FocusReason.TabFocusReason)
        assert len(holder.findChildren(FocusRing)) == 3
        buttons[2].deleteLater()
        QApplication.processEvents()
        del buttons, tight, each, holder
        gc.collect()
        QApplication.processEvents()
