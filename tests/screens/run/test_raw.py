"""The Raw tab: JSON of what was read, bounded with the truth about it, searched and copied."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.run import TrailEntry, TrailKind
from console.screens.run.raw import MOST, RawPart, items, plain, raw_text, whole_text
from console.screens.run.state import Problem, RunState, Tab, TrailState
from console.screens.run.view import RunView
from tests.screens.asking import Asking
from tests.screens.run.scene import STEPS, Scene
from tests.screens.run.test_view import show
from tests.screens.stage import until

pytestmark = pytest.mark.usefixtures("theme")
NOW = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)


def entries(count: int, text: str) -> tuple[TrailEntry, ...]:
    return tuple(
        TrailEntry(entry_id=f"e{n}", at=NOW, kind=TrailKind.NOTE, title=f"n{n}", text=text) for n in range(count)
    )


def with_trail(*given: TrailEntry) -> RunState:
    trail = TrailState(entries=given, read=len(given), is_read=True, is_complete=True)
    return RunState(now=NOW, steps=STEPS, trail=trail)


def test_every_part_is_json_and_copied_whole() -> None:
    state = with_trail(*entries(3, 'a "quoted"\nline'))
    for part in (RawPart.STEPS, RawPart.TRAIL):
        told = raw_text(state, part)
        assert len(json.loads(told.text)) == len(json.loads(whole_text(state, part))) == len(items(state, part))
        assert told.told.startswith("All ")
    (first, *_) = json.loads(whole_text(state, RawPart.TRAIL))
    assert (first["at"], first["kind"], first["text"]) == (NOW.isoformat(), "note", 'a "quoted"\nline')
    assert plain(STEPS[0].status) == "done"


def test_what_is_cut_is_told_and_copied_all_the_same() -> None:
    state = with_trail(*entries(1_000, "x" * 1_000))
    told = raw_text(state, RawPart.TRAIL)
    assert len(told.text) < MOST * 1.2
    shown = told.text.count('"entry_id"')
    assert 100 < shown < 1_000
    assert told.told == f"The first {shown:,} of 1,000 read; copying takes all 1,000."
    assert len(json.loads(whole_text(state, RawPart.TRAIL))) == 1_000
    one = raw_text(with_trail(*entries(1, "y" * 3_000_000)), RawPart.TRAIL)
    assert len(one.text) < MOST * 1.2
    assert max(map(len, one.text.split("\n"))) <= 1_100


def test_hidden_characters_are_visible_in_it() -> None:
    told = raw_text(with_trail(*entries(1, "a\u202eb\u0000")), RawPart.TRAIL)
    assert "\u202e" not in told.text
    assert "\u0000" not in told.text


def test_what_is_not_there_says_why() -> None:
    state = with_trail()
    assert raw_text(state, RawPart.TRAIL).told == "The engine returned nothing here."
    assert raw_text(state, RawPart.RUN).told == "Reading…"
    away = dataclasses.replace(state, problem=Problem("Nothing answers.", ""))
    assert raw_text(away, RawPart.RUN).told == "Nothing of it could be read yet."
    lacking = dataclasses.replace(state, trail=dataclasses.replace(state.trail, lack="No trail."))
    assert raw_text(lacking, RawPart.TRAIL).told == "This engine cannot show it: No trail."


def test_it_is_searched_and_copied_and_stays_while_it_is_read(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene(fillers=20)
    scene.tell_story()
    scene.set_states()

    async def act(view: RunView, _window: Asking) -> None:
        view.presenter.on_tab(Tab.RAW)
        raw = view.raw
        await until(lambda: '"mec-2026-10-de01"' in raw.view.toPlainText())
        await until(lambda: view.presenter.state.trail.is_read and bool(view.presenter.state.steps))
        raw.choose(RawPart.TRAIL)
        view.activateWindow()
        next(action for action in view.actions() if action.action_id == "run.search").run()
        assert raw.search.hasFocus()
        QTest.keyClicks(raw.search, "LEDGERLOCKED")
        assert raw.found.text() == "1 of 2"
        QTest.keyClick(raw.search, Qt.Key.Key_Return)
        assert raw.found.text() == "2 of 2"
        QTest.keyClick(raw.search, Qt.Key.Key_Return)
        assert raw.found.text() == "1 of 2"
        QTest.keyClick(raw.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        assert raw.found.text() == "2 of 2"
        assert raw.view.textCursor().selectedText() == "LedgerLocked"
        before = raw.view.toPlainText()
        scene.add_note()
        await until(lambda: view.presenter.state.trail.read == len(json.loads(before)) + 1)
        assert raw.view.toPlainText() == before
        raw.copy.click()
        assert len(json.loads(QApplication.clipboard().text())) == len(json.loads(before)) + 1
        raw.again.click()
        assert "something new" in raw.view.toPlainText()
        assert raw.view.isReadOnly()
        raw.choose(RawPart.STATE)
        await until(lambda: '"fx_rate"' in raw.view.toPlainText())

    show(qapp, tmp_path, scene, act)
